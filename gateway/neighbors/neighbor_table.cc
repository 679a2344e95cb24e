#include "gateway/neighbors/neighbor_table.h"

#include <algorithm>

namespace hairpin::gateway {

NeighborTable::OwnAddress* NeighborTable::Link::find_own(Ipv4Address address) {
    const auto found = std::find_if(own.begin(), own.end(), [&](const OwnAddress& mine) { return mine.at.address == address; });
    return found != own.end() ? &*found : nullptr;
}

bool NeighborTable::Link::has_on_subnet(Ipv4Address address) const {
    return std::any_of(own.begin(), own.end(), [&](const OwnAddress& mine) { return mine.at.subnet.contains(address); });
}

bool NeighborTable::Link::is_directed_broadcast(Ipv4Address address) const {
    return std::any_of(own.begin(), own.end(),
                       [&](const OwnAddress& mine) { return mine.at.subnet.directed_broadcast() == address; });
}

Ipv4Address NeighborTable::Link::speak_to(Ipv4Address target) const {
    const auto found =
        std::find_if(own.begin(), own.end(), [&](const OwnAddress& mine) { return mine.at.subnet.contains(target); });
    return found != own.end() ? found->at.address : own.front().at.address;
}

NeighborTable::NeighborTable(PacketPool& pool, Ledger& ledger, HashKey secret)
    : pool_(pool), ledger_(ledger), secret_(secret), neighbors_(kRecords), buckets_(kBuckets), waiting_(kMostWaiting + 1) {
    for (std::size_t slot = kMostWaiting; slot > 0; --slot)
        waiting_[slot].next = std::exchange(free_slot_, static_cast<Slot>(slot));
    events_.reserve(kMostEvents);
}

void NeighborTable::adopt(const Ruleset& ruleset, Timestamp now) {
    settings_ = ruleset.arp;
    const std::vector<Link> before = std::exchange(links_, std::vector<Link>(ruleset.interfaces.size()));
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const Interface& interface = ruleset.interfaces[i];
        if (i < before.size()) links_[i] = before[i];
        links_[i].present = interface.present();
        links_[i].mac = interface.mac;
        links_[i].own.clear();
        for (const Ipv4InterfaceAddress& address : interface.addresses) {
            std::optional<Timestamp> defended;
            if (i < before.size())
                for (const OwnAddress& mine : before[i].own)
                    if (mine.at.address == address.address) defended = mine.defended;
            links_[i].own.push_back({address, defended});
        }
    }

    for (Index at = 1; at < first_unused_; ++at) {
        if (!neighbors_[at].in_use) continue;
        Link* on = link(neighbors_[at].interface);
        const bool stays =
            neighbors_[at].state != NeighborState::fixed && on != nullptr && on->find_own(neighbors_[at].address) == nullptr;
        if (!stays) forget(at, DropReason::neighbor_unresolved);
    }
    for (const StaticNeighbor& neighbor : ruleset.neighbors) {
        if (link(neighbor.interface) == nullptr) continue;
        if (const Index known = find(neighbor.interface, neighbor.address); known != kNone)
            forget(known, DropReason::neighbor_unresolved);
        const Index at = insert(neighbor.interface, neighbor.address, NeighborState::fixed, now);
        if (at != kNone) neighbors_[at].mac = neighbor.mac;
    }
    // A capacity that has become smaller: whoever is beyond it goes, as if one more had come each time.
    for (const bool with_mac : {true, false})
        while (population(with_mac) > limit(with_mac) && make_room(with_mac)) continue;
}

NeighborTable::Link* NeighborTable::link(InterfaceId interface) {
    const std::size_t index = index_of(interface);
    return index < links_.size() && links_[index].present ? &links_[index] : nullptr;
}

NeighborTable::Resolution NeighborTable::resolve(InterfaceId interface, Ipv4Address address, Timestamp now,
                                                 Outbox<InterfaceId>& out) {
    using State = Resolution::State;
    Index at = find(interface, address);
    if (at == kNone) {
        const Link* on = link(interface);
        if (on == nullptr || on->own.empty()) return {State::unreachable, {}};  // nobody to ask, or nothing to ask from
        at = insert(interface, address, NeighborState::incomplete, now);
        ask(at, now, out);
        return {State::asking, {}};
    }
    switch (neighbors_[at].state) {
        case NeighborState::incomplete: return {State::asking, {}};
        case NeighborState::failed: return {State::unreachable, {}};
        case NeighborState::stale:
            // RFC 1122 2.3.2.1 (2): asked directly, and believed to be there until it has not answered for a while.
            enter(at, NeighborState::probing, now);
            ask(at, now, out);
            break;
        default: break;
    }
    return {State::known, neighbors_[at].mac};
}

bool NeighborTable::request(InterfaceId interface, Ipv4Address address, Timestamp now, Outbox<InterfaceId>& out) {
    const Link* on = link(interface);
    if (on == nullptr || on->own.empty()) return false;
    // A stranger's answer teaches nothing, so that whoever answers must have a record, which asks by itself.
    if (find(interface, address) == kNone) {
        resolve(interface, address, now, out);
    } else {
        send_request(interface, *on, on->speak_to(address), address, MacAddress::broadcast(), out);
    }
    return true;
}

std::optional<MacAddress> NeighborTable::peek(InterfaceId interface, Ipv4Address address) const {
    const Index at = find(interface, address);
    if (at == kNone || !row_of(neighbors_[at].state).has_mac) return std::nullopt;
    return neighbors_[at].mac;
}

bool NeighborTable::has_failed(InterfaceId interface, Ipv4Address address) const {
    const Index at = find(interface, address);
    return at != kNone && neighbors_[at].state == NeighborState::failed;
}

std::optional<DropReason> NeighborTable::receive(InterfaceId interface, PacketPtr packet, FrameView& frame, Timestamp now,
                                                 Outbox<InterfaceId>& out, Proxying proxying) {
    Link* on = link(interface);
    if (on == nullptr) return drop(std::move(packet), DropReason::arp_not_ours, interface);
    const ArpHeader& arp = frame.arp();
    if (const auto reason = objection(arp, *on)) return drop(std::move(packet), *reason, interface);
    if (OwnAddress* own = on->find_own(arp.sender_address)) {
        note({NeighborEvent::Kind::conflict, interface, arp.sender_address, arp.sender_mac});
        defend(interface, *on, *own, now, out);
        return drop(std::move(packet), DropReason::arp_conflict, interface);
    }

    const bool proxies = proxying == Proxying::yes && !peek(interface, arp.target_address);
    const bool asks_us = arp.operation == Be16{static_cast<std::uint16_t>(ArpOperation::request)} &&
                         (proxies || on->find_own(arp.target_address) != nullptr);
    const bool probes = arp.sender_address.is_unspecified();
    const Index sender = find(interface, arp.sender_address);
    if (sender != kNone)
        confirm(sender, arp.sender_mac, now, out);
    else if (asks_us && !probes && on->has_on_subnet(arp.sender_address))
        learn(interface, arp.sender_address, arp.sender_mac, now);

    if (asks_us)
        answer(interface, *on, std::move(packet), frame, out);
    else if (sender == kNone)
        return drop(std::move(packet), DropReason::arp_not_ours, interface);
    else
        ++ledger_.absorbed;
    return std::nullopt;
}

// What no station could have sent.
std::optional<DropReason> NeighborTable::objection(const ArpHeader& arp, const Link& link) {
    const std::uint16_t operation = arp.operation.value();
    const bool known_operation = operation == static_cast<std::uint16_t>(ArpOperation::request) ||
                                 operation == static_cast<std::uint16_t>(ArpOperation::reply);
    if (!arp.is_ipv4_over_ethernet() || !known_operation) return DropReason::arp_malformed;
    if (!arp.sender_mac.is_station() || arp.sender_mac == link.mac) return DropReason::arp_malformed;
    const Ipv4Address sender = arp.sender_address;
    const bool no_host = sender.is_multicast() || sender.is_reserved() || sender.is_loopback() ||
                         link.is_directed_broadcast(sender) || (sender.is_this_network() && !sender.is_unspecified());
    if (no_host) return DropReason::arp_malformed;
    return std::nullopt;
}

// RFC 5227 §2.4 (c): a router does not give its address up, but says so seldom, or two that claim one address would never stop.
void NeighborTable::defend(InterfaceId interface, const Link& link, OwnAddress& own, Timestamp now, Outbox<InterfaceId>& out) {
    if (own.defended && now - *own.defended < kDefendInterval) return;
    own.defended = now;
    announce_address(interface, link, own.at.address, out);
}

void NeighborTable::learn(InterfaceId interface, Ipv4Address address, MacAddress mac, Timestamp now) {
    const Index at = insert(interface, address, NeighborState::reachable, now);
    if (at == kNone) return;  // all that fits is static
    neighbors_[at].mac = mac;
    note({NeighborEvent::Kind::learned, interface, address, mac});
}

// The neighbour has spoken.
void NeighborTable::confirm(Index at, MacAddress mac, Timestamp now, Outbox<InterfaceId>& out) {
    Neighbor& neighbor = neighbors_[at];
    if (neighbor.state == NeighborState::fixed) return;
    const bool was_known = row_of(neighbor.state).has_mac;
    if (!was_known && !make_room(true)) return forget(at, DropReason::neighbor_queue_full);
    if (!was_known || neighbor.mac != mac)
        note({was_known ? NeighborEvent::Kind::moved : NeighborEvent::Kind::learned, neighbor.interface, neighbor.address, mac});
    neighbor.mac = mac;
    neighbor.requests = 0;
    enter(at, NeighborState::reachable, now);

    const Link& on = *link(neighbor.interface);
    while (neighbor.queued > 0) {
        PacketPtr packet = take_waiting(at);
        auto& ethernet = *reinterpret_cast<EthernetHeader*>(packet->data());
        ethernet.destination = mac;
        ethernet.source = on.mac;
        out.put(neighbor.interface, std::move(packet));
    }
}

// By broadcast while nobody is known, directly afterwards.
void NeighborTable::ask(Index at, Timestamp now, Outbox<InterfaceId>& out) {
    Neighbor& neighbor = neighbors_[at];
    ++neighbor.requests;
    enter(at, neighbor.state, now);
    const Link* on = link(neighbor.interface);
    if (on == nullptr || on->own.empty()) return;
    const MacAddress to = neighbor.state == NeighborState::incomplete ? MacAddress::broadcast() : neighbor.mac;
    send_request(neighbor.interface, *on, on->speak_to(neighbor.address), neighbor.address, to, out);
}

void NeighborTable::expire(Timestamp now, Outbox<InterfaceId>& out, std::vector<Unresolved>& unresolved) {
    std::size_t budget = kExpiryBatch;
    // Whoever is due leaves its place at the old end of its list: for another state, for the new end, or for good.
    const auto for_each_due = [&](NeighborState state, Duration age, auto&& due) {
        const StateList& list = lists_[static_cast<std::size_t>(state)];
        for (; budget > 0 && list.oldest != kNone && now - neighbors_[list.oldest].since >= age; --budget) due(list.oldest);
    };
    for_each_due(NeighborState::incomplete, kRequestInterval, [&](Index at) {
        if (neighbors_[at].requests < kRequests) return ask(at, now, out);
        give_up(at, now, unresolved);
    });
    for_each_due(NeighborState::probing, kRequestInterval, [&](Index at) { ask_again_or_forget(at, now, out); });
    for_each_due(NeighborState::failed, kHoldDown, [&](Index at) { forget(at, DropReason::neighbor_unresolved); });
    for_each_due(NeighborState::reachable, settings_.reachable_age, [&](Index at) { enter(at, NeighborState::stale, now); });
    for_each_due(NeighborState::stale, kStaleAge, [&](Index at) { forget(at, DropReason::neighbor_unresolved); });

    for (std::size_t i = 0; i < links_.size(); ++i)
        if (links_[i].present && links_[i].announcements_left > 0 && now >= links_[i].next_announcement)
            send_announcements(static_cast<InterfaceId>(i), links_[i], now, out);
}

void NeighborTable::ask_again_or_forget(Index at, Timestamp now, Outbox<InterfaceId>& out) {
    const Neighbor& neighbor = neighbors_[at];
    if (neighbor.requests < kRequests) return ask(at, now, out);
    note({NeighborEvent::Kind::failed, neighbor.interface, neighbor.address, {}});
    forget(at, DropReason::neighbor_unresolved);
}

void NeighborTable::give_up(Index at, Timestamp now, std::vector<Unresolved>& unresolved) {
    const Neighbor& neighbor = neighbors_[at];
    note({NeighborEvent::Kind::failed, neighbor.interface, neighbor.address, {}});
    while (neighbor.queued > 0) unresolved.push_back({neighbor.interface, take_waiting(at)});
    enter(at, NeighborState::failed, now);
}

void NeighborTable::announce(InterfaceId interface, Timestamp now, Outbox<InterfaceId>& out) {
    Link* on = link(interface);
    if (on == nullptr) return;
    on->announcements_left = kAnnouncements;
    send_announcements(interface, *on, now, out);
}

void NeighborTable::send_announcements(InterfaceId interface, Link& link, Timestamp now, Outbox<InterfaceId>& out) {
    --link.announcements_left;
    link.next_announcement = now + kAnnounceInterval;
    for (const OwnAddress& own : link.own) announce_address(interface, link, own.at.address, out);
}

void NeighborTable::announce_address(InterfaceId interface, const Link& link, Ipv4Address address, Outbox<InterfaceId>& out) {
    send_request(interface, link, address, address, MacAddress::broadcast(), out);
}

// The request becomes the reply: there is always a buffer for it.
void NeighborTable::answer(InterfaceId interface, const Link& link, PacketPtr request, FrameView& frame,
                           Outbox<InterfaceId>& out) {
    ArpHeader& arp = frame.arp();
    arp.operation = Be16{static_cast<std::uint16_t>(ArpOperation::reply)};
    arp.target_mac = std::exchange(arp.sender_mac, link.mac);
    std::swap(arp.sender_address, arp.target_address);
    frame.ethernet().destination = arp.target_mac;
    frame.ethernet().source = link.mac;
    request->resize(sizeof(EthernetHeader) + sizeof(ArpHeader));
    request->offload = {};
    request->mark = 0;
    ++ledger_.absorbed;
    ++ledger_.originated;
    out.put(interface, std::move(request));
}

// Without a buffer nothing is sent, and the next one in a second will be.
void NeighborTable::send_request(InterfaceId interface, const Link& link, Ipv4Address sender, Ipv4Address target, MacAddress to,
                                 Outbox<InterfaceId>& out) {
    PacketPtr packet = pool_.take_small();
    if (!packet) return;
    EthernetHeader ethernet;
    ethernet.destination = to;
    ethernet.source = link.mac;
    ethernet.type = Be16{static_cast<std::uint16_t>(EtherType::arp)};
    ArpHeader arp;
    arp.operation = Be16{static_cast<std::uint16_t>(ArpOperation::request)};
    arp.sender_mac = link.mac;
    arp.sender_address = sender;
    arp.target_address = target;
    packet->resize(sizeof ethernet + sizeof arp);
    std::memcpy(packet->data(), &ethernet, sizeof ethernet);
    std::memcpy(packet->data() + sizeof ethernet, &arp, sizeof arp);
    ++ledger_.originated;
    out.put(interface, std::move(packet));
}

std::size_t NeighborTable::clear(std::optional<InterfaceId> interface, std::optional<Ipv4Address> address) {
    std::size_t cleared = 0;
    for (Index at = 1; at < first_unused_; ++at) {
        const Neighbor& neighbor = neighbors_[at];
        const bool meant = (!interface || neighbor.interface == *interface) && (!address || neighbor.address == *address);
        if (!neighbor.in_use || neighbor.state == NeighborState::fixed || !meant) continue;
        forget(at, DropReason::neighbor_unresolved);
        ++cleared;
    }
    return cleared;
}

DropReason NeighborTable::drop(PacketPtr packet, DropReason reason, InterfaceId interface) {
    ledger_.drop(reason, *packet, interface);
    packet.reset();
    return reason;
}

void NeighborTable::note(const NeighborEvent& event) {
    if (events_.size() < kMostEvents)
        events_.push_back(event);
    else
        ++events_lost_;
}

}  // namespace hairpin::gateway
