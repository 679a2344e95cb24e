#include "runtime/port_block_log.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

PortBlockLog::PortBlockLog(Worker& worker) : worker_(worker) { worker_.gateway().observe_port_blocks(this); }

PortBlockLog::~PortBlockLog() { worker_.gateway().observe_port_blocks(nullptr); }

void PortBlockLog::port_block_taken(const gateway::PortBlock& block, Timestamp now) { put_down({block, true, now}); }

void PortBlockLog::port_block_released(const gateway::PortBlock& block, Timestamp now) { put_down({block, false, now}); }

void PortBlockLog::put_down(const Turn& turn) {
    if (waiting_.size() < kMostWaiting)
        waiting_.push_back(turn);
    else
        ++unwritten_;
}

void PortBlockLog::look() {
    for (const Turn& turn : waiting_)
        log::info(fmt::format("event=port_block_{} host={} address={} ports={}-{} at={}", turn.taken ? "taken" : "released",
                              turn.block.host.to_string(), turn.block.address.to_string(), turn.block.ports.first.number(),
                              turn.block.ports.last.number(), wall_clock_text(turn.when)));
    waiting_.clear();
    if (unwritten_ > 0)
        log::warn(fmt::format("event=port_blocks_unwritten count={} more than {} came within a quarter of a second",
                              std::exchange(unwritten_, 0), kMostWaiting));
}

}  // namespace hairpin::runtime
