#pragma once
// Packets sorted by where they go: what the bridge hands back by port and the gateway by interface. Order within a destination is
// the order they were put. Grows with the number of destinations, not per packet once warm.

#include <cstddef>
#include <utility>
#include <vector>

#include "net/numbers.h"
#include "net/packet.h"

namespace hairpin {

template <class Id>
class Outbox {
public:
    void put(Id destination, PacketPtr packet) {
        const std::size_t index = index_of(destination);
        if (index >= batches_.size()) make_room(index);
        Batch& batch = batches_[index];
        if (batch.empty()) waiting_.push_back(destination);
        batch.push_back(std::move(packet));
    }
    bool empty() const { return waiting_.empty(); }

    // Hands every destination's batch to `deliver(Id, Batch&)`, in the order the destinations were first used, and empties it.
    template <class Deliver>
    void drain(Deliver&& deliver) {
        // `deliver` may put packets into other outboxes but not into this one.
        for (const Id destination : waiting_) {
            deliver(destination, batches_[index_of(destination)]);
            batches_[index_of(destination)].clear();
        }
        waiting_.clear();
    }

private:
    [[gnu::noinline]] void make_room(std::size_t index) {
        batches_.resize(index + 1);
    }  // seldom: it stays out of put(), which is often

    std::vector<Batch> batches_;
    std::vector<Id> waiting_;
};

}  // namespace hairpin
