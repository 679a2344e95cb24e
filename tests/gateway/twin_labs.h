#pragma once
// Labs that live through the same random packets, and what can be said of a packet both by the gateway's own account and by the wire.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <optional>
#include <stdexcept>
#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {

using gateway::Passage;

enum class Station : std::uint8_t { workstation, web_server, internet };
constexpr auto kStations = std::to_array({Station::workstation, Station::web_server, Station::internet});

inline Host& host_of(HairpinLab& lab, Station station) {
    switch (station) {
        case Station::workstation: return lab.workstation;
        case Station::web_server: return lab.web_server;
        case Station::internet: return lab.internet;
    }
    throw std::logic_error("no such station");
}
inline InterfaceId inbound_of(Station station) { return station == Station::internet ? kUplink : kLan; }

inline PacketPtr as_it_arrives(HairpinLab& lab, Station station, PacketBuilder packet) {
    return host_of(lab, station)
        .as_next(std::move(packet))
        .from_mac(host_of(lab, station).mac())
        .to_mac(station == Station::internet ? kUplinkMac : kLanMac)
        .in(lab.pool());
}
inline Bytes l3_of(const Passage& passage) {
    if (passage.frame.size() < sizeof(EthernetHeader)) return {};
    return {passage.frame.begin() + sizeof(EthernetHeader), passage.frame.end()};
}

// What becomes of a packet, as far as probe and wire can both say it.
struct Fate {
    bool forwarded = false, answered = false, waits = false;
    std::optional<DropReason> drop;
    Bytes l3;  // as it leaves
    Station arrives_at{};
};

struct Books {
    std::uint64_t received, originated, transmitted, absorbed, copied, dropped;
    std::size_t sessions, held, pool_in_use;
    std::array<std::uint64_t, 4> of_interfaces;
    std::uint64_t hits;
    friend bool operator==(const Books&, const Books&) = default;
};
inline Books books_of(HairpinLab& lab) {
    const Ledger& ledger = lab.ledger();
    const auto &uplink = lab.gateway().counters(kUplink), &lan = lab.gateway().counters(kLan);
    std::uint64_t hits = 0;
    for (const gateway::FirewallRule& rule : lab.gateway().ruleset().firewall) hits += lab.hits(rule.id);
    for (const gateway::NatRule& rule : lab.gateway().ruleset().nat) hits += lab.hits(rule.id);
    return {ledger.received,
            ledger.originated,
            ledger.transmitted,
            ledger.absorbed,
            ledger.copied,
            ledger.dropped_total(),
            lab.gateway().sessions().size(),
            lab.gateway().held(),
            lab.pool().in_use(),
            {uplink.in_packets + uplink.out_packets, uplink.drops, lan.in_packets + lan.out_packets, lan.drops},
            hits};
}

// Mostly what the guide's rules are about; now and then what nobody should send.
inline PacketBuilder any_packet(Station station, bool first_segments_only) {
    const auto kind = *rc::gen::weightedElement<int>({{5, 0}, {3, 1}, {2, 2}, {1, 3}});
    const auto own = station == Station::workstation ? kWorkstation : station == Station::web_server ? kWebServer : kInternet;
    const auto from = *rc::gen::weightedElement<Ipv4Address>({{30, own}, {1, kRouter}, {1, kWorkstation}, {1, kGateway}});
    const auto to = *rc::gen::weightedElement<Ipv4Address>({{kind == 0 ? 10u : 2u, kExternal},
                                                            {8, kInternet},
                                                            {1, kWebServer},
                                                            {1, kWorkstation},
                                                            {1, kGateway},
                                                            {1, kRouter},
                                                            {2, Ipv4Address{203, 0, 113, 99}},
                                                            {1, Ipv4Address{192, 168, 255, 255}},
                                                            {1, Ipv4Address{127, 0, 0, 1}}});
    const auto from_port = *rc::gen::element(40000u, 40001u, 53u),
               to_port = *rc::gen::weightedElement<unsigned>({{6, 80}, {1, 81}});
    const auto flags = *rc::gen::weightedElement<unsigned>({{6, TcpHeader::kSyn},
                                                            {3, TcpHeader::kAck},
                                                            {1, TcpHeader::kSyn | TcpHeader::kAck},
                                                            {1, TcpHeader::kRst},
                                                            {1, TcpHeader::kFin | TcpHeader::kAck}});
    const auto ttl = *rc::gen::weightedElement<unsigned>({{12, 64u}, {1, 2u}, {1, 1u}});
    const auto payload = *rc::gen::inRange<std::size_t>(0, 64);
    const bool partial = kind < 2 && *rc::gen::arbitrary<bool>();

    PacketBuilder packet = kind == 0 ? tcp() : kind == 1 ? udp() : kind == 2 ? icmp_echo() : ip(47);
    packet.from(from, from_port).to(to, to_port).ttl(ttl).payload(payload);
    if (kind == 0) packet.flags(flags);
    if (kind == 2) packet.identifier(7);
    // A connection that was reset or closed, and its port used again, is a story of its own below.
    if (kind == 0 && first_segments_only) packet.flags(flags & (TcpHeader::kSyn | TcpHeader::kAck));
    if (partial) packet.partial_checksum();
    return packet;
}
inline Station any_station() { return *rc::gen::elementOf(std::vector(kStations.begin(), kStations.end())); }

// The last thing a host has heard, answered; nothing where it has heard nothing.
inline std::optional<PacketBuilder> any_answer(HairpinLab& lab, Station station) {
    const SeenPacket& last = host_of(lab, station).last();
    const bool query = last.protocol == IpProtocol::icmp && last.icmp_type == 8;
    if (last.protocol != IpProtocol::tcp && last.protocol != IpProtocol::udp && !query) return std::nullopt;
    return answer_to(last);
}

inline Fate fate_of(HairpinLab& lab, const Passage& passage) {
    Fate fate;
    fate.forwarded = passage.forwarded;
    fate.answered = passage.answered;
    fate.drop = passage.drop;
    fate.waits = passage.forwarded && !passage.next_hop_mac;
    if (passage.forwarded) fate.l3 = l3_of(passage);
    for (const Station station : kStations)
        if (passage.next_hop_mac == host_of(lab, station).mac()) fate.arrives_at = station;
    return fate;
}

inline Fate fate_on_the_wire(HairpinLab& lab, Station station, const PacketBuilder& packet) {
    for (const Station each : kStations) host_of(lab, each).received();
    const std::size_t held = lab.gateway().held();
    std::array<std::uint64_t, kDropReasonCount> before{};
    for (std::size_t i = 0; i < before.size(); ++i) before.at(i) = lab.dropped(static_cast<DropReason>(i));
    const SeenPacket sent = SeenPacket::of_l3(packet.l3_bytes());

    host_of(lab, station).send(packet);

    Fate fate;
    for (std::size_t i = 0; i < before.size(); ++i)
        if (lab.dropped(static_cast<DropReason>(i)) != before.at(i)) fate.drop = static_cast<DropReason>(i);
    fate.waits = lab.gateway().held() > held;
    if (fate.drop) return fate;  // what arrives then is an error
    for (const Station each : kStations)
        for (const SeenPacket& seen : host_of(lab, each).received()) {
            fate.l3 = seen.l3;
            fate.arrives_at = each;
            // Hosts answer only when they are told to, so an echo reply is the gateway's.
            fate.answered = sent.protocol == IpProtocol::icmp && sent.icmp_type == 8 && seen.icmp_type == 0;
        }
    fate.forwarded = !fate.answered;
    return fate;
}

}  // namespace hairpin::testing
