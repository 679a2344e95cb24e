#include "tests/properties/router_rig.h"

#include "gateway/nat/hairpin.h"
#include "tests/support/packet_builder.h"

namespace hairpin::testing {

RouterRig::RouterRig(std::uint64_t seed)
    : bridge_({}, HashKey{seed, 1}, pool_, ledger_), gateway_(pool_, ledger_, kSessions, {HashKey{seed, 2}, HashKey{seed, 3}}) {
    gateway::Ruleset rules = world_rules();
    rules.derived_nat = gateway::derived_hairpins(rules);
    for (const char* segment : {"lan", "wan"}) bridge_.add_segment(segment);
    for (const StationRow& station : kStations) {
        const l2::MemoryPort::Options options{.mtu = station.mtu, .capabilities = station.takes};
        ports_.push_back(std::make_unique<l2::MemoryPort>(pool_, ledger_, options));
        const auto segment = bridge_.find_segment(station.inside() ? "lan" : "wan");
        ids_.push_back(bridge_.add_port(*segment, membership_of(station), station.mtu));
    }
    for (const gateway::Interface& interface : rules.interfaces)
        attachments_.push_back(
            bridge_.add_internal_port(*bridge_.find_segment(interface.segment), interface.vlan, interface.mac, 1500).value());
    ledger_.recorder.begin_burst(now_);
    gateway_.adopt(std::make_shared<const gateway::Ruleset>(std::move(rules)), now_);
    for (std::size_t i = 0; i < attachments_.size(); ++i) gateway_.announce(static_cast<InterfaceId>(i), now_, routed_);
    carry();
    arrivals_.clear();
}

bool RouterRig::inject(std::size_t station, plain::View frame, const l2::VirtioHeader& header) {
    PacketPtr packet = pool_.make(frame);
    if (!packet || !header.apply_to(*packet)) return false;
    ++injected_;
    if (!ports_[station]->inject(std::move(packet))) return false;
    carry();
    return true;
}

void RouterRig::wait(Duration duration) {
    for (const Timestamp end = now_ + duration; now_ < end;) {
        const Timestamp next_tick{(now_.time_since_epoch() / Tick::kLength + 1) * Tick::kLength};
        now_ = std::min(next_tick, end);
        if (now_ != next_tick) break;
        ledger_.recorder.begin_burst(now_);
        bridge_.expire(now_);
        gateway_.expire(now_, routed_);
        carry();
    }
}

void RouterRig::carry() {
    Batch burst;
    bool any = true;
    while (any) {
        deliver();
        any = false;
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            ports_[i]->receive(burst, now_);
            if (burst.empty()) continue;
            any = true;
            bridge_.forward(ids_[i], burst, now_, switched_);
            deliver();
        }
    }
}

void RouterRig::deliver() {
    while (!switched_.empty() || !routed_.empty()) {
        switched_.drain([&](PortId destination, Batch& batch) {
            for (std::size_t i = 0; i < attachments_.size(); ++i)
                if (attachments_[i] == destination) return gateway_.forward(static_cast<InterfaceId>(i), batch, now_, routed_);
            for (std::size_t i = 0; i < ids_.size(); ++i) {
                if (ids_[i] != destination) continue;
                ports_[i]->send(batch, now_);
                for (const PacketPtr& packet : ports_[i]->take_sent()) take_in(i, *packet);
            }
        });
        routed_.drain([&](InterfaceId interface, Batch& batch) {
            gateway_.count_departures(interface, batch);
            bridge_.forward(attachments_.at(index_of(interface)), batch, now_, switched_);
        });
    }
}

void RouterRig::take_in(std::size_t station, const Packet& packet) {
    ++seen_;
    const auto frame = plain::read_frame(packet.bytes());
    if (frame && frame->type == plain::kArpType) return answer_arp(station, packet.bytes());
    arrivals_.push_back({station, l2::VirtioHeader::describe(packet), bytes_of(packet)});
}

void RouterRig::answer_arp(std::size_t station, plain::View bytes) {
    const auto frame = plain::read_frame(bytes);
    const plain::View arp = bytes.subspan(frame->l3);
    const std::uint32_t asked = plain::long_at(arp, 24);
    if (plain::word_at(arp, 6) != 1 || asked < kStations[station].first || asked > kStations[station].last) return;
    PacketBuilder reply = arp_reply()
                              .from(Ipv4Address{asked})
                              .to(Ipv4Address{plain::long_at(arp, 14)})
                              .from_mac(MacAddress::from_number(kStations[station].mac))
                              .to_mac(MacAddress::from_number(frame->from_mac));
    if (frame->vlan) reply.vlan(*frame->vlan);
    ++injected_;
    ports_[station]->inject(reply.in(pool_));
}

std::string RouterRig::unbalanced() const {
    const auto held = static_cast<std::int64_t>(gateway_.held());
    std::string text;
    if (ledger_.expected_held() != held || pool_.in_use() != gateway_.held())
        text += "received " + std::to_string(ledger_.received) + ", originated " + std::to_string(ledger_.originated) +
                ", copied " + std::to_string(ledger_.copied) + ", transmitted " + std::to_string(ledger_.transmitted) +
                ", absorbed " + std::to_string(ledger_.absorbed) + ", dropped " + std::to_string(ledger_.dropped_total()) +
                ", so " + std::to_string(ledger_.expected_held()) + " should be held; the gateway holds " + std::to_string(held) +
                ", and " + std::to_string(pool_.in_use()) + " buffers are out. ";
    if (ledger_.received != injected_)
        text += "the stations have sent " + std::to_string(injected_) + ", and " + std::to_string(ledger_.received) +
                " were received. ";
    if (ledger_.transmitted != seen_)
        text += "the stations have got " + std::to_string(seen_) + ", and " + std::to_string(ledger_.transmitted) +
                " were transmitted.";
    return text;
}

}  // namespace hairpin::testing
