#pragma once
// A line of the log for each block of outside ports that a host gets or gives back, which is all that is to be kept to tell later who had a port
// (RFC 6888 REQ-14). It names no destination (REQ-12).
//
//   event=port_block_taken host=192.168.255.2 address=203.0.113.80 ports=1024-1279 at=2026-01-31T12:00:00.123Z
//
// The packet path only puts it down here; look() writes. Never more than kMostWaiting wait between two looks; what is more is counted, and
// told as a warning.

#include <cstdint>
#include <vector>

#include "gateway/nat/port_blocks.h"

namespace hairpin::runtime {

class Worker;

class PortBlockLog final : public gateway::PortBlockObserver {
public:
    static constexpr std::size_t kMostWaiting = 20'000;

    // The worker outlives it.
    explicit PortBlockLog(Worker& worker);
    ~PortBlockLog() override;

    void port_block_taken(const gateway::PortBlock& block, Timestamp now) override;
    void port_block_released(const gateway::PortBlock& block, Timestamp now) override;
    // To be called now and then, and at the end: writes what has happened since.
    void look();

private:
    struct Turn {
        gateway::PortBlock block;
        bool taken;
        Timestamp when;
    };
    void put_down(const Turn& turn);

    Worker& worker_;
    std::vector<Turn> waiting_;
    std::uint64_t unwritten_ = 0;
};

}  // namespace hairpin::runtime
