#include "switch/ports/faulty_port.h"

#include <limits>
#include <utility>

#include "net/offload.h"

namespace hairpin::l2 {

namespace {
// A multiplicative hash needs many bits in its key; a seed that somebody typed has few.
HashKey key_from(std::uint64_t seed) {
    const HashKey constants;
    return {keyed_hash(seed, constants), keyed_hash(~seed, constants)};
}
}  // namespace

FaultyPort::FaultyPort(std::unique_ptr<Port> port, const Faults& faults, std::uint64_t seed, PacketPool& pool, Ledger& ledger)
    : port_(std::move(port)), faults_(faults), random_(key_from(seed)), pool_(pool), ledger_(ledger) {}

bool FaultyPort::receive(Batch& into, Timestamp now) {
    const std::size_t before = into.size();
    const bool more = port_->receive(into, now);
    disturb(into, before);
    return more;
}

void FaultyPort::send(Batch& batch, Timestamp now) {
    disturb(batch, 0);
    port_->send(batch, now);
}

TrafficCounters FaultyPort::counters() const {
    TrafficCounters counters = port_->counters();
    counters.drops += lost_;
    return counters;
}

void FaultyPort::disturb(Batch& batch, std::size_t first) {
    for (std::size_t i = first; i < batch.size(); ++i) {
        PacketPtr& packet = batch[i];
        if (happens(faults_.drop)) {
            ledger_.drop(DropReason::injected_fault, *packet);
            ++lost_;
            continue;
        }
        if (happens(faults_.duplicate)) {
            // Without a buffer there is no copy, and nothing to count.
            if (PacketPtr copy = pool_.copy(*packet)) {
                ++ledger_.copied;
                disturbed_.push_back(std::move(copy));
            }
        }
        if (happens(faults_.corrupt)) damage(*packet);
        disturbed_.push_back(std::move(packet));
        if (disturbed_.size() > 1 && happens(faults_.reorder)) std::swap(disturbed_.back(), disturbed_[disturbed_.size() - 2]);
    }
    batch.resize(first);
    for (PacketPtr& packet : disturbed_) batch.push_back(std::move(packet));
    disturbed_.clear();
}

bool FaultyPort::happens(double probability) {
    return probability > 0 &&
           random_.below(std::numeric_limits<std::uint32_t>::max()) < probability * std::numeric_limits<std::uint32_t>::max();
}

void FaultyPort::damage(Packet& packet) {
    if (packet.size() == 0 || packet.offload.segmentation != Segmentation::none) return;
    if (packet.offload.checksum == ChecksumState::partial) complete_checksum(packet);
    packet.offload.checksum = ChecksumState::unknown;
    packet.data()[random_.below(static_cast<std::uint32_t>(packet.size()))] ^= static_cast<std::byte>(1u << random_.below(8));
}

}  // namespace hairpin::l2
