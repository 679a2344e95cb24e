#include "switch/ports/memory_port.h"

#include <utility>

namespace hairpin::l2 {

bool MemoryPort::inject(PacketPtr packet) {
    if (!packet || arriving_.size() - next_ >= options_.queue_capacity) return false;
    arriving_.push_back(std::move(packet));
    return true;
}

Batch MemoryPort::take_sent() { return std::exchange(sent_, {}); }

bool MemoryPort::read(Batch& into, Timestamp) {
    std::size_t bytes = 0;
    for (std::size_t packets = 0; packets < kBurstPackets && bytes < kBurstBytes && next_ < arriving_.size(); ++packets) {
        bytes += arriving_[next_]->size();
        into.push_back(std::move(arriving_[next_++]));
    }
    if (next_ < arriving_.size()) return true;
    arriving_.clear();
    next_ = 0;
    return false;
}

void MemoryPort::write(Batch& packets, Timestamp) {
    for (PacketPtr& packet : packets) {
        if (sent_.size() >= options_.queue_capacity) {
            refused(*packet, DropReason::egress_refused);
            continue;
        }
        sent(*packet);
        sent_.push_back(std::move(packet));
    }
}

}  // namespace hairpin::l2
