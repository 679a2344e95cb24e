#include "switch/bridge.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hairpin::l2 {

namespace {

constexpr std::size_t kAddresses = 2 * sizeof(MacAddress);
constexpr std::uint16_t kPriorityMask = 0xf000;

// The tag stands between the addresses and the type, so the addresses move over it, or away from the type for it. Answers the
// priority that the tag had.
std::uint16_t pop_tag(Packet& packet) {
    std::byte* frame = packet.data();
    const auto& tag = *reinterpret_cast<const VlanTag*>(frame + sizeof(EthernetHeader));
    const auto priority = static_cast<std::uint16_t>(tag.control.value() & kPriorityMask);
    std::memmove(frame + sizeof(VlanTag), frame, kAddresses);
    packet.pop_front(sizeof(VlanTag));
    return priority;
}

void push_tag(Packet& packet, VlanId vlan, std::uint16_t priority) {
    std::byte* frame = packet.push_front(sizeof(VlanTag));
    std::memmove(frame, frame + sizeof(VlanTag), kAddresses);
    auto& header = *reinterpret_cast<EthernetHeader*>(frame);
    auto& tag = *reinterpret_cast<VlanTag*>(frame + sizeof(EthernetHeader));
    header.type = Be16{static_cast<std::uint16_t>(EtherType::vlan)};
    tag.control = Be16{static_cast<std::uint16_t>(priority | vlan.number())};
}

bool is_tag(EtherType type) { return type == EtherType::vlan || type == EtherType::qinq; }

// The longest L3 packet that the link will see: of a super-packet, one segment.
std::size_t longest_l3(const Packet& packet) {
    const Offload& offload = packet.offload;
    const std::size_t frame =
        offload.segmentation == Segmentation::none ? packet.size() : std::size_t{offload.header_length} + offload.segment_size;
    return frame - sizeof(EthernetHeader);
}

}  // namespace

Bridge::Bridge(const MacTable::Limits& stations, const HashKey& hash_key, PacketPool& pool, Ledger& ledger)
    : pool_(pool), ledger_(ledger), stations_(stations, hash_key) {}

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
    segments_[index_of(free->segment)].members.push_back(id);
    return id;
}

PortId Bridge::add_port(SegmentId segment, const VlanMembership& vlan, unsigned mtu) {
    return new_port({.segment = segment, .vlans = VlanFilter{vlan}, .mtu = mtu});
}

std::optional<PortId> Bridge::add_internal_port(SegmentId segment, VlanId vlan, MacAddress mac, unsigned mtu) {
    VlanMembership membership;
    if (vlan.tagged()) membership = {.kind = VlanMembership::Kind::access, .access = vlan};
    const StationKey station{segment, vlan, mac};
    if (const auto holder = stations_.find(station, Timestamp{}); holder && is_internal(*holder)) return std::nullopt;
    const PortId port = new_port({.segment = segment, .vlans = VlanFilter{membership}, .mtu = mtu, .internal = true});
    if (stations_.add_static(station, port)) return port;
    remove_port(port);
    return std::nullopt;
}

void Bridge::remove_port(PortId port) {
    Member& member = port_at(port);
    stations_.forget(port);
    std::erase(segments_[index_of(member.segment)].members, port);
    member = {};
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
    for (PacketPtr& packet : batch) admit(ingress, std::move(packet));
    for (const Arrival& arrival : arrivals_) {
        stations_.prefetch(arrival.source);
        stations_.prefetch(arrival.destination);
    }
    for (Arrival& arrival : arrivals_) deliver(ingress, arrival, now, out);
    arrivals_.clear();
    batch.clear();
}

void Bridge::admit(PortId ingress, PacketPtr packet) {
    const Member& port = port_at(ingress);
    packet->ingress = ingress;
    if (!port.in_use) return drop(ingress, *packet, DropReason::port_detached);
    const auto frame = EthernetView::parse(*packet);
    if (!frame) return drop(ingress, *packet, frame.reason());
    if (!frame.source().is_station()) return drop(ingress, *packet, DropReason::source_not_station);
    if (frame.destination().is_link_local_control()) return drop(ingress, *packet, DropReason::link_local_control);
    // A tag within a tag would come out in the inner VLAN behind the next switch ("VLAN hopping").
    if (frame.tagged() && is_tag(frame.ether_type())) return drop(ingress, *packet, DropReason::vlan_illegal);
    const auto vlan = port.vlans.admit(frame);
    if (!vlan) return drop(ingress, *packet, DropReason::vlan_not_allowed);

    Arrival arrival{.packet = std::move(packet),
                    .source = stations_.locate({port.segment, *vlan, frame.source()}),
                    .destination = stations_.locate({port.segment, *vlan, frame.destination()}),
                    .vlan = *vlan,
                    .priority = 0};
    if (frame.tagged()) arrival.priority = pop_tag(*arrival.packet);
    arrivals_.push_back(std::move(arrival));
}

void Bridge::deliver(PortId ingress, Arrival& arrival, Timestamp now, Outbox<PortId>& out) {
    stations_.learn(arrival.source, ingress, now);
    const auto egress = stations_.find(arrival.destination, now);
    if (!egress) return flood(ingress, arrival, out);
    // The station hears its own segment's wire, and a static station may stand on a port that does not carry the VLAN.
    if (*egress == ingress) return drop(ingress, *arrival.packet, DropReason::no_egress);
    if (!port_at(*egress).vlans.carries(arrival.vlan)) return drop(ingress, *arrival.packet, DropReason::vlan_not_allowed);
    send_to(*egress, std::move(arrival.packet), arrival, out);
}

void Bridge::flood(PortId ingress, Arrival& arrival, Outbox<PortId>& out) {
    // The gateway's MACs are known, so what is for an unknown station is not for it.
    const bool internal_too = arrival.destination.station().mac.is_group();
    std::optional<PortId> last;
    for (const PortId candidate : segments_[index_of(port_at(ingress).segment)].members) {
        const Member& port = port_at(candidate);
        if (candidate == ingress || !port.vlans.carries(arrival.vlan) || (port.internal && !internal_too)) continue;
        if (last) copy_to(*last, arrival, out);
        last = candidate;
    }
    if (!last) return drop(ingress, *arrival.packet, DropReason::no_egress);
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
    if (longest_l3(*packet) > port.mtu) return drop(egress, *packet, DropReason::oversize);
    if (port.vlans.sends_tagged(arrival.vlan)) push_tag(*packet, arrival.vlan, arrival.priority);
    out.put(egress, std::move(packet));
}

void Bridge::drop(PortId port, const Packet& packet, DropReason reason) {
    ledger_.drop(reason, packet);
    ++port_at(port).drops;
}

}  // namespace hairpin::l2
