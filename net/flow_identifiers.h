#pragma once
// What tells two flows of one protocol between the same two hosts apart, a row a protocol. The two ports of a FlowKey carry it, whatever
// it is, so that sessions of every protocol are found alike; who translates asks here what may be written into a packet.
//
//   tcp, udp, udplite, dccp  two ports; a checksum covers them and the addresses, and changes with them
//   icmp queries             one identifier, which stands in both ports of the key
//   sctp                     two ports, which stay: its CRC32c covers them, and no address. Two inside hosts with the same port cannot
//                            share an address towards one peer and port: their answers differ by the verification tag alone
//   gre with a key           the key's two halves, exclusive-ored, in both ports: a flow has the same key both ways
//   gre of PPTP              the call id that the receiver has given out, as destination port; the source port is zero. A side's packets
//                            do not tell the other's call id, so the first answer with an unknown one teaches it (awaited_reply). An ICMP
//                            error about a translated call that has been answered does not lead to its session any more
//   esp, gre without a key   nothing but the addresses. ESP's SPIs are each side's own and change while a tunnel lives: an address can serve
//                            one inside host towards one peer, the first to come
//   ah                       nothing, and it cannot be translated: it vouches for the addresses
//   all others               nothing
//
// Where nothing may be written and answers could not be told apart, a second session is refused (nat_conflict).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "net/flow_key.h"

namespace hairpin {

enum class Identifiers : std::uint8_t { none, ports, query, gre };

struct FlowIdentifiersRow {
    IpProtocol protocol = IpProtocol::any;
    Identifiers identifiers = Identifiers::none;
    bool rewritable = false;          // translation may change them
    bool translatable = true;         // translation may change the addresses
    std::size_t shortest_header = 0;  // without it a packet cannot be judged
};

inline constexpr auto kFlowIdentifiers = std::to_array<FlowIdentifiersRow>({
    {IpProtocol::tcp, Identifiers::ports, true, true, 20},
    {IpProtocol::udp, Identifiers::ports, true, true, 8},
    {IpProtocol::icmp, Identifiers::query, true, true, 8},
    {IpProtocol::udp_lite, Identifiers::ports, true, true, 8},
    {IpProtocol::dccp, Identifiers::ports, true, true, 12},
    {IpProtocol::sctp, Identifiers::ports, false, true, 12},
    {IpProtocol::gre, Identifiers::gre, false, true, 4},
    {IpProtocol::esp, Identifiers::none, false, true, 8},
    {IpProtocol::ah, Identifiers::none, false, false, 12},
});

namespace flow_identifiers {
// The place in the table of each protocol number; of those that have no row one behind the last.
inline constexpr auto kPlaces = [] {
    std::array<std::uint8_t, 256> places{};
    places.fill(static_cast<std::uint8_t>(kFlowIdentifiers.size()));
    for (std::size_t i = 0; i < kFlowIdentifiers.size(); ++i)
        places[static_cast<std::size_t>(kFlowIdentifiers[i].protocol)] = static_cast<std::uint8_t>(i);
    return places;
}();
}  // namespace flow_identifiers

constexpr FlowIdentifiersRow identifiers_of(IpProtocol protocol) {
    const std::size_t place = flow_identifiers::kPlaces[static_cast<std::size_t>(protocol)];
    return place < kFlowIdentifiers.size() ? kFlowIdentifiers[place] : FlowIdentifiersRow{protocol};
}
// A source and a destination port.
constexpr bool has_ports(IpProtocol protocol) { return identifiers_of(protocol).identifiers == Identifiers::ports; }
// Ports, or an ICMP identifier, that translation may change.
constexpr bool rewrites_identifiers(IpProtocol protocol) { return identifiers_of(protocol).rewritable; }
// A destination port that a rule may change: an ICMP identifier is its sender's own.
constexpr bool rewrites_destination_port(IpProtocol protocol) { return has_ports(protocol) && rewrites_identifiers(protocol); }
static_assert(rewrites_identifiers(IpProtocol::icmp) && !rewrites_identifiers(IpProtocol::sctp) && has_ports(IpProtocol::sctp) &&
              !has_ports(IpProtocol::icmpv6) && identifiers_of(IpProtocol::icmpv6).translatable);

// Of a protocol that is neither TCP, UDP nor ICMP: what stands in its header becomes the key's ports, as far as `l4` reaches.
void read_identifiers(Ipv4FlowKey& key, std::span<const std::byte> l4);
// How long the header is that these bytes begin, as far as it must be there: more than `l4` has where it is cut off.
std::size_t least_header_length(IpProtocol protocol, std::span<const std::byte> l4);

// A flow whose packets tell the receiver's identifier alone (PPTP's GRE).
constexpr bool is_one_sided(const Ipv4FlowKey& key) {
    return key.protocol == IpProtocol::gre && key.source_port == L4Port{} && key.destination_port != L4Port{};
}
// What answers to packets of this key look like, as far as that can be known before the first has come.
constexpr Ipv4FlowKey awaited_reply(const Ipv4FlowKey& key) {
    Ipv4FlowKey reply = key.reversed();
    if (is_one_sided(key)) reply.source_port = reply.destination_port = L4Port{};
    return reply;
}
// By which key a session awaits such a packet as its first answer; nothing where all is known beforehand.
constexpr std::optional<Ipv4FlowKey> awaited_as(const Ipv4FlowKey& answer) {
    if (!is_one_sided(answer)) return std::nullopt;
    Ipv4FlowKey key = answer;
    key.destination_port = L4Port{};
    return key;
}

}  // namespace hairpin
