// Where NeighborTable keeps what it knows: records found by hash, listed by state, each with a queue of packets.

#include <algorithm>

#include "gateway/neighbors/neighbor_table.h"

namespace hairpin::gateway {

std::size_t NeighborTable::bucket_of(InterfaceId interface, Ipv4Address address) const {
    return keyed_hash(std::uint64_t{index_of(interface)} << 32 | address.number(), secret_) & (kBuckets - 1);
}

NeighborTable::Index NeighborTable::find(InterfaceId interface, Ipv4Address address) const {
    Index at = buckets_[bucket_of(interface, address)];
    while (at != kNone && (neighbors_[at].address != address || neighbors_[at].interface != interface))
        at = neighbors_[at].next_in_bucket;
    return at;
}

NeighborTable::Index NeighborTable::insert(InterfaceId interface, Ipv4Address address, NeighborState state, Timestamp now) {
    const bool with_mac = row_of(state).has_mac;
    if (!make_room(with_mac)) return kNone;
    const Index at = first_free_ != kNone ? std::exchange(first_free_, neighbors_[first_free_].older) : first_unused_++;
    ensure(at < neighbors_.size());

    Index& bucket = buckets_[bucket_of(interface, address)];
    Neighbor& neighbor = neighbors_[at];
    neighbor = {};
    neighbor.address = address;
    neighbor.interface = interface;
    neighbor.in_use = true;
    neighbor.state = state;
    neighbor.since = now;
    neighbor.next_in_bucket = std::exchange(bucket, at);
    append(at);
    ++population(with_mac);
    return at;
}

std::size_t NeighborTable::limit(bool with_mac) const {
    const std::size_t capacity = std::clamp<std::size_t>(settings_.capacity, 1, kMostNeighbors);
    return with_mac ? capacity : std::max<std::size_t>(capacity / 4, 1);
}

// Those with and those without a MAC make room for their own kind alone, so asking for strangers costs no known neighbour its place.
bool NeighborTable::make_room(bool with_mac) {
    if (population(with_mac) < limit(with_mac)) return true;
    using enum NeighborState;
    const std::array<NeighborState, 3> victims =
        with_mac ? std::array{stale, probing, reachable} : std::array{failed, incomplete, incomplete};
    for (const NeighborState state : victims) {
        const Index oldest = lists_[static_cast<std::size_t>(state)].oldest;
        if (oldest == kNone) continue;
        forget(oldest, DropReason::neighbor_queue_full);
        return true;
    }
    return false;
}

// `reason`: why packets that waited for this neighbour are dropped.
void NeighborTable::forget(Index at, DropReason reason) {
    Neighbor& neighbor = neighbors_[at];
    while (neighbor.queued > 0) drop(take_waiting(at), reason, neighbor.interface);
    unlink(at);
    --population(row_of(neighbor.state).has_mac);
    Index* link = &buckets_[bucket_of(neighbor.interface, neighbor.address)];
    while (*link != at) link = &neighbors_[*link].next_in_bucket;
    *link = neighbor.next_in_bucket;
    neighbor.in_use = false;
    neighbor.older = std::exchange(first_free_, at);
}

void NeighborTable::enter(Index at, NeighborState state, Timestamp now) {
    Neighbor& neighbor = neighbors_[at];
    unlink(at);
    --population(row_of(neighbor.state).has_mac);
    ++population(row_of(state).has_mac);
    neighbor.state = state;
    neighbor.since = now;
    append(at);
}

void NeighborTable::append(Index at) {
    Neighbor& neighbor = neighbors_[at];
    StateList& list = lists_[static_cast<std::size_t>(neighbor.state)];
    neighbor.newer = kNone;
    neighbor.older = std::exchange(list.newest, at);
    (neighbor.older != kNone ? neighbors_[neighbor.older].newer : list.oldest) = at;
}

void NeighborTable::unlink(Index at) {
    const Neighbor& neighbor = neighbors_[at];
    StateList& list = lists_[static_cast<std::size_t>(neighbor.state)];
    (neighbor.newer != kNone ? neighbors_[neighbor.newer].older : list.newest) = neighbor.older;
    (neighbor.older != kNone ? neighbors_[neighbor.older].newer : list.oldest) = neighbor.newer;
}

NeighborTable::Row NeighborTable::row(const Neighbor& neighbor, Timestamp now) const {
    const auto mac = row_of(neighbor.state).has_mac ? std::optional{neighbor.mac} : std::nullopt;
    return {neighbor.interface, neighbor.address, mac, neighbor.state, now - neighbor.since, neighbor.queued};
}

void NeighborTable::wait(InterfaceId interface, Ipv4Address address, PacketPtr packet) {
    const Index at = find(interface, address);
    ensure(at != kNone && neighbors_[at].state == NeighborState::incomplete);
    Neighbor& neighbor = neighbors_[at];
    if (settings_.queue_per_neighbor == 0) {
        drop(std::move(packet), DropReason::neighbor_queue_full, interface);
        return;
    }
    if (neighbor.queued >= settings_.queue_per_neighbor) drop(take_waiting(at), DropReason::neighbor_queue_full, interface);

    const Slot slot = take_slot();
    Waiting& waiting = waiting_[slot];
    waiting.packet = std::move(packet);
    waiting.neighbor = at;
    waiting.next = kEmpty;
    waiting.newer = kEmpty;
    waiting.older = std::exchange(newest_waiting_, slot);
    (waiting.older != kEmpty ? waiting_[waiting.older].newer : oldest_waiting_) = slot;
    (neighbor.queued > 0 ? waiting_[neighbor.last_waiting].next : neighbor.first_waiting) = slot;
    neighbor.last_waiting = slot;
    ++neighbor.queued;
    ++waiting_count_;
}

NeighborTable::Slot NeighborTable::take_slot() {
    if (free_slot_ == kEmpty) {
        const Index longest = waiting_[oldest_waiting_].neighbor;
        drop(take_waiting(longest), DropReason::neighbor_queue_full, neighbors_[longest].interface);
    }
    return std::exchange(free_slot_, waiting_[free_slot_].next);
}

// The packet that has waited for this neighbour for longest; there must be one.
PacketPtr NeighborTable::take_waiting(Index at) {
    Neighbor& neighbor = neighbors_[at];
    const Slot slot = neighbor.first_waiting;
    Waiting& waiting = waiting_[slot];
    neighbor.first_waiting = waiting.next;
    --neighbor.queued;
    (waiting.newer != kEmpty ? waiting_[waiting.newer].older : newest_waiting_) = waiting.older;
    (waiting.older != kEmpty ? waiting_[waiting.older].newer : oldest_waiting_) = waiting.newer;
    waiting.next = std::exchange(free_slot_, slot);
    --waiting_count_;
    return std::move(waiting.packet);
}

}  // namespace hairpin::gateway
