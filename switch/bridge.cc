#include "switch/bridge.h"

#include <algorithm>
#include <utility>

#include "switch/vlan_tag.h"

namespace hairpin::l2 {

Bridge::Bridge(const MacTable::Limits& stations, const HashKey& hash_key, PacketPool& pool, Ledger& ledger)
    : pool_(pool),
      ledger_(ledger),
      stations_(stations, hash_key),
      loop_guard_(keyed_hash(0x6c6f6f70, hash_key)),
      hash_key_(hash_key),
      mac_(MacAddress::from_number(0x0200'0000'0000 | (keyed_hash(0x6d6163, hash_key) & 0xff'ffff'ffff))) {}

SegmentId Bridge::add_segment(std::string name) {
    segments_.push_back({std::move(name), {}});
    return static_cast<SegmentId>(segments_.size() - 1);
}

std::optional<SegmentId> Bridge::find_segment(std::string_view name) const {
    const auto found =
        std::find_if(segments_.begin(), segments_.end(), [&](const Segment& segment) { return segment.name == name; });
    if (found == segments_.end()) return std::nullopt;
    return static_cast<SegmentId>(found - segments_.begin());
}

const Bridge::Member& Bridge::port_at(PortId port) const {
    ensure(index_of(port) < ports_.size());
    return ports_[index_of(port)];
}

PortId Bridge::new_port(Member member) {
    auto free = std::find_if(ports_.begin(), ports_.end(), [](const Member& port) { return !port.in_use; });
    if (free == ports_.end()) free = ports_.emplace(ports_.end());
    const auto id = static_cast<PortId>(free - ports_.begin());
    *free = std::move(member);
    free->in_use = true;
    free->closed = std::nullopt;
    segments_[index_of(free->segment)].members.push_back(id);
    return id;
}

PortId Bridge::add_port(SegmentId segment, const VlanMembership& vlan, unsigned mtu) {
    return new_port({.segment = segment, .mtu = mtu, .vlans = VlanFilter{vlan}});
}

std::optional<PortId> Bridge::add_internal_port(SegmentId segment, VlanId vlan, MacAddress mac, unsigned mtu) {
    VlanMembership membership;
    if (vlan.tagged()) membership = {.kind = VlanMembership::Kind::access, .access = vlan};
    const StationKey station{segment, vlan, mac};
    if (const auto holder = stations_.find(station, Timestamp{}); holder && is_internal(*holder)) return std::nullopt;
    const PortId port = new_port({.segment = segment, .mtu = mtu, .internal = true, .vlans = VlanFilter{membership}});
    if (stations_.add_static(station, port)) return port;
    remove_port(port);
    return std::nullopt;
}

void Bridge::remove_port(PortId port) {
    Member& member = port_at(port);
    stations_.forget(port);
    mirrors_.forget(port);
    loop_guard_.unguard(port);
    guards_loops_ = loop_guard_.guards_any();
    lldp_.forget(port);
    if (snooping_) snooping_->forget(port);
    std::erase(segments_[index_of(member.segment)].members, port);
    member = {};
}

void Bridge::move_port(PortId port, SegmentId segment, const VlanMembership& vlan) {
    Member& member = port_at(port);
    stations_.forget(port);
    forget_listeners(port);
    if (!member.closed) {
        std::erase(segments_[index_of(member.segment)].members, port);
        segments_[index_of(segment)].members.push_back(port);
    }
    member.segment = segment;
    member.vlans = VlanFilter{vlan};
}

bool Bridge::add_static_station(VlanId vlan, MacAddress mac, PortId port) {
    return stations_.add_static({port_at(port).segment, vlan, mac}, port);
}

void Bridge::remove_static_station(VlanId vlan, MacAddress mac, PortId port) {
    stations_.remove_static({port_at(port).segment, vlan, mac});
}

void Bridge::forward(PortId ingress, Batch& batch, Timestamp now, Outbox<PortId>& out) {
    // One pass over the burst for each step of a lookup: what a packet will need from memory is on its way while the others
    // have their turn.
    if (port_at(ingress).mirrored_in)
        for (const PacketPtr& packet : batch) mirror(ingress, Mirrors::Way::in, *packet, out);
    for (PacketPtr& packet : batch) admit(ingress, std::move(packet), now);
    if (const auto closed = port_at(ingress).closed) {  // by a frame of this burst, which has shown a loop
        for (const Arrival& arrival : arrivals_) drop(ingress, *arrival.packet, *closed);
        arrivals_.clear();
    }
    for (const Arrival& arrival : arrivals_) {
        stations_.prefetch(arrival.source);
        stations_.prefetch(arrival.destination);
    }
    for (Arrival& arrival : arrivals_) deliver(ingress, arrival, now, out);
    arrivals_.clear();
    batch.clear();
}

void Bridge::admit(PortId ingress, PacketPtr packet, Timestamp now) {
    const Member& port = port_at(ingress);
    packet->ingress = ingress;
    if (port.closed) return drop(ingress, *packet, *port.closed);
    const auto frame = EthernetView::parse(*packet);
    if (!frame) return drop(ingress, *packet, frame.reason());
    if (!frame.source().is_station()) return drop(ingress, *packet, DropReason::source_not_station);
    if (frame.destination().is_group() && ends_here(ingress, frame.destination(), *packet, now)) return;
    const auto admitted = port.vlans.admit(frame, *packet);
    if (!admitted.vlan) return drop(ingress, *packet, admitted.refusal);

    Arrival arrival{.packet = std::move(packet),
                    .source = stations_.locate({port.segment, *admitted.vlan, frame.source()}),
                    .destination = stations_.locate({port.segment, *admitted.vlan, frame.destination()}),
                    .vlan = *admitted.vlan,
                    .priority = 0,
                    .tag_inside = admitted.tag_inside};
    if (admitted.tagged) arrival.priority = pop_tag(*arrival.packet);
    arrivals_.push_back(std::move(arrival));
}

// Every packet is asked this, at two places: a call each time would cost it 2 ns.
[[gnu::always_inline]] inline std::optional<DropReason> Bridge::refusal(PortId from, const Member& to,
                                                                        const Arrival& arrival) const {
    if (to.closed) return to.closed;
    if (!to.vlans.carries(arrival.vlan)) return DropReason::vlan_not_allowed;
    if (arrival.tag_inside && !to.vlans.keeps_tags_inside(arrival.vlan)) return DropReason::vlan_not_allowed;
    if (to.isolated && port_at(from).isolated) return DropReason::port_isolated;
    return std::nullopt;
}

void Bridge::deliver(PortId ingress, Arrival& arrival, Timestamp now, Outbox<PortId>& out) {
    stations_.learn(arrival.source, ingress, now);
    const auto egress = stations_.find(arrival.destination, now);
    if (!egress) {
        if (!calm(ingress, arrival, now)) return drop(ingress, *arrival.packet, DropReason::storm_control);
        return flood(ingress, arrival, now, out);
    }
    // The station hears its own segment's wire, and a static station may stand on a port that does not carry the VLAN.
    if (*egress == ingress) return drop(ingress, *arrival.packet, DropReason::no_egress);
    if (const auto refused = refusal(ingress, port_at(*egress), arrival)) return drop(ingress, *arrival.packet, *refused);
    send_to(*egress, std::move(arrival.packet), arrival, out);
}

// Whether the port may send one more frame of its kind to everybody.
bool Bridge::calm(PortId ingress, const Arrival& arrival, Timestamp now) {
    using Traffic = StormControl::Traffic;
    StormControl* const storm = port_at(ingress).storm.get();
    if (storm == nullptr) return true;
    const MacAddress destination = arrival.destination.station().mac;
    const Traffic traffic = destination.is_broadcast() ? Traffic::broadcast
                            : destination.is_group()   ? Traffic::multicast
                                                       : Traffic::unknown_unicast;
    return storm->admits(traffic, *arrival.packet, now);
}

void Bridge::flood(PortId ingress, Arrival& arrival, Timestamp now, Outbox<PortId>& out) {
    const Member& from = port_at(ingress);
    const MacAddress destination = arrival.destination.station().mac;
    const bool narrowed = snooping_ && destination.is_group() && !destination.is_broadcast() &&
                          snooping_->narrows({from.segment, arrival.vlan}, ingress, *arrival.packet, now);
    // The gateway's MACs are known, so what is for an unknown station is not for it.
    const bool internal_too = destination.is_group() && !narrowed;
    std::optional<PortId> last;
    DropReason nobody = DropReason::no_egress;
    for (const PortId candidate : segments_[index_of(from.segment)].members) {
        const Member& port = port_at(candidate);
        if (candidate == ingress || (port.internal && !internal_too)) continue;
        if (const auto refused = refusal(ingress, port, arrival)) {
            if (*refused != DropReason::vlan_not_allowed) nobody = *refused;
            continue;
        }
        if (narrowed && !snooping_->includes(candidate)) {
            nobody = DropReason::multicast_no_listener;
            continue;
        }
        if (last) copy_to(*last, arrival, out);
        last = candidate;
    }
    if (!last) return drop(ingress, *arrival.packet, nobody);
    send_to(*last, std::move(arrival.packet), arrival, out);
}

void Bridge::copy_to(PortId egress, const Arrival& arrival, Outbox<PortId>& out) {
    ++ledger_.copied;
    PacketPtr copy = pool_.copy(*arrival.packet);
    if (!copy) return drop(egress, *arrival.packet, DropReason::no_buffer);
    send_to(egress, std::move(copy), arrival, out);
}

void Bridge::send_to(PortId egress, PacketPtr packet, const Arrival& arrival, Outbox<PortId>& out) {
    const Member& port = port_at(egress);
    // A tag is no part of what an MTU limits, neither ours nor one inside.
    if (longest_l3(*packet) > port.mtu + (arrival.tag_inside ? sizeof(VlanTag) : 0))
        return drop(egress, *packet, DropReason::oversize);
    if (port.vlans.sends_tagged(arrival.vlan)) push_tag(*packet, port.vlans.tag_type(), arrival.vlan, arrival.priority);
    if (port.mirrored_out) mirror(egress, Mirrors::Way::out, *packet, out);
    out.put(egress, std::move(packet));
}

void Bridge::drop(PortId port, const Packet& packet, DropReason reason) {
    ledger_.drop(reason, packet);
    Member& member = port_at(port);
    ++member.drops;
    ++member.dropped[static_cast<std::size_t>(reason)];
}

}  // namespace hairpin::l2
