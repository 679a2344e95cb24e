// What the switch does besides carrying frames: how it is set, and what has its time.

#include <algorithm>
#include <utility>

#include "switch/bridge.h"
#include "switch/vlan_tag.h"

namespace hairpin::l2 {

namespace {
constexpr std::size_t kTagsBesideMtu = 2 * sizeof(VlanTag);  // which a mirrored frame still has; tags are not counted in an MTU
}  // namespace

void Bridge::set_features(PortId port, const PortFeatures& features) {
    Member& member = port_at(port);
    const PortFeatures before = std::exchange(member.features, features);
    member.isolated = features.isolated;
    if (features.storm != before.storm)
        member.storm = features.storm.any() ? std::make_unique<StormControl>(features.storm) : nullptr;
    if (features.loop_guard)
        loop_guard_.guard(port);
    else if (loop_guard_.unguard(port))
        open(port, DropReason::loop_guard);
    guards_loops_ = loop_guard_.guards_any();
    if (features.lldp)
        lldp_.begin(port, member.name, member.description);
    else
        lldp_.end(port);
    if (snooping_) snooping_->set(port, {features.multicast_router, features.fast_leave});
}

void Bridge::name_port(PortId port, std::string name, std::string description) {
    port_at(port).name = std::move(name);
    port_at(port).description = std::move(description);
}

void Bridge::set_snooping(const std::optional<SnoopingSettings>& settings) {
    if (!settings) return snooping_.reset();
    if (snooping_ && snooping_->settings().capacity == settings->capacity) return snooping_->set(*settings);
    snooping_ = std::make_unique<MulticastSnooping>(*settings, hash_key_, mac_);
    for (std::size_t i = 0; i < ports_.size(); ++i)
        snooping_->set(static_cast<PortId>(i), {ports_[i].features.multicast_router, ports_[i].features.fast_leave});
}

void Bridge::set_mirrors(std::vector<Mirror> mirrors) {
    mirrors_.set(std::move(mirrors));
    for (Member& port : ports_) port.mirrored_in = port.mirrored_out = false;
    std::vector<bool> destinations(ports_.size());
    for (const Mirror& mirror : mirrors_.all()) {
        ensure(port_at(mirror.to).in_use);
        destinations[index_of(mirror.to)] = true;
        for (const Mirror::Source& source : mirror.sources) {
            port_at(source.port).mirrored_in |= source.in;
            port_at(source.port).mirrored_out |= source.out;
        }
    }
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        const bool is_destination = ports_[i].closed == DropReason::mirror_port;
        if (!ports_[i].in_use || is_destination == destinations[i]) continue;
        const auto port = static_cast<PortId>(i);
        if (destinations[i]) {
            close(port, DropReason::mirror_port);
            continue;
        }
        open(port, DropReason::mirror_port);
        if (loop_guard_.is_shut(port)) close(port, DropReason::loop_guard);
    }
}

// The copy is of the frame as it passes the port, with its tags, whatever becomes of it then.
void Bridge::mirror(PortId port, Mirrors::Way way, const Packet& packet, Outbox<PortId>& out) {
    mirrors_.for_each(port, way, [&](Mirror& each) {
        ++ledger_.copied;
        PacketPtr copy = pool_.copy(packet);
        if (!copy) return drop(each.to, packet, DropReason::no_buffer);
        copy->ingress = port;
        if (longest_l3(*copy) > port_at(each.to).mtu + kTagsBesideMtu) return drop(each.to, *copy, DropReason::oversize);
        ++each.copies;
        each.bytes += copy->size();
        out.put(each.to, std::move(copy));
    });
}

bool Bridge::ends_here(PortId ingress, MacAddress group, const Packet& packet, Timestamp now) {
    if (group.is_link_local_control() && (forwarded_link_local_ >> (group.number() & 0xf) & 1) == 0) {
        drop(ingress, packet, DropReason::link_local_control);
        return true;
    }
    return guards_loops_ && group == LoopGuard::kGroup && hears_itself(ingress, packet, now);
}

bool Bridge::hears_itself(PortId ingress, const Packet& packet, Timestamp now) {
    const auto sender = loop_guard_.sender_of(packet.bytes());
    if (!sender) return false;
    ++ledger_.absorbed;
    if (const auto shut = loop_guard_.heard(*sender, ingress, now)) {
        close(*shut, DropReason::loop_guard);
        events_.put({.kind = SwitchEvent::Kind::loop_found, .port = *shut, .other = *shut == ingress ? *sender : ingress});
    }
    return true;
}

void Bridge::close(PortId port, DropReason why) {
    Member& member = port_at(port);
    if (!member.closed) std::erase(segments_[index_of(member.segment)].members, port);
    member.closed = why;
    stations_.clear(port);
    forget_listeners(port);
}

void Bridge::forget_listeners(PortId port) {
    if (!snooping_) return;
    const PortFeatures& features = port_at(port).features;
    snooping_->forget(port);
    snooping_->set(port, {features.multicast_router, features.fast_leave});
}

void Bridge::open(PortId port, DropReason closed_for) {
    Member& member = port_at(port);
    if (member.closed != closed_for) return;
    member.closed = std::nullopt;
    segments_[index_of(member.segment)].members.push_back(port);
}

bool Bridge::open_again(PortId port) {
    if (!loop_guard_.open(port)) return false;
    open(port, DropReason::loop_guard);
    events_.put({.kind = SwitchEvent::Kind::loop_over, .port = port});
    return true;
}

void Bridge::tick(Timestamp now, Outbox<PortId>& out) {
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        if (!ports_[i].storm) continue;
        ports_[i].storm->look(now, [&](StormControl::Traffic traffic, bool begins, const StormControl::Meter& meter) {
            events_.put({.kind = begins ? SwitchEvent::Kind::storm_begins : SwitchEvent::Kind::storm_ends,
                         .port = static_cast<PortId>(i),
                         .traffic = StormControl::kNames[static_cast<std::size_t>(traffic)],
                         .count = meter.dropped});
        });
    }
    loop_guard_.tick(
        now, [&](PortId port, const LoopGuard::Frame& frame) { originate(port, port_at(port).vlans.first_vlan(), frame, out); },
        [&](PortId port) {
            open(port, DropReason::loop_guard);
            events_.put({.kind = SwitchEvent::Kind::loop_over, .port = port});
        });
    stations_.moves().take([&](const StationMove& move) {
        if (!guards_loops_) return;
        if (const Flapping::Station* station = flapping_.note(move, now))
            events_.put({.kind = SwitchEvent::Kind::station_flaps,
                         .port = move.to,
                         .count = station->total,
                         .other = move.from,
                         .station = move.mac});
    });
    lldp_.tick(now, [&](PortId port, std::span<const std::byte> frame) { originate(port, std::nullopt, frame, out); });
    if (!snooping_) return;
    snooping_->tick(
        now, [&](const MulticastSnooping::Query& query) { send_queries(query, now, out); },
        [&](const LanId& lan, PortId port, const MulticastSnooping::Query& query) {
            originate(port, lan.vlan, snooping_->frame_of(query), out);
        });
}

// In each LAN that nobody else asks in, by every port that carries it.
void Bridge::send_queries(const MulticastSnooping::Query& query, Timestamp now, Outbox<PortId>& out) {
    const std::vector<std::byte> frame = snooping_->frame_of(query);
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        const Member& port = ports_[i];
        if (port.closed || port.internal) continue;
        port.vlans.for_each_vlan([&](VlanId vlan) {
            if (snooping_->asks_in({port.segment, vlan}, query.ipv6, now)) originate(static_cast<PortId>(i), vlan, frame, out);
        });
    }
}

void Bridge::originate(PortId port, std::optional<VlanId> vlan, std::span<const std::byte> frame, Outbox<PortId>& out) {
    const Member& member = port_at(port);
    if (member.closed) return;
    PacketPtr packet = pool_.make(frame);
    if (!packet) return;  // it comes again
    ++ledger_.originated;
    packet->ingress = kNoPort;
    constexpr std::uint16_t kControl = 6u << 13;  // IEEE 802.1Q table I-1: internetwork control
    if (vlan && member.vlans.sends_tagged(*vlan)) push_tag(*packet, member.vlans.tag_type(), *vlan, kControl);
    if (member.mirrored_out) mirror(port, Mirrors::Way::out, *packet, out);
    out.put(port, std::move(packet));
}

}  // namespace hairpin::l2
