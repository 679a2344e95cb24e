#pragma once
// What tells one flow from another: addresses, L4 ports and protocol; a template over the family, with one compact record each.
// For ICMP queries both ports hold the identifier, so that a key is reversed like any other; what other protocols have in their place
// says net/flow_identifiers.h.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "net/hash.h"
#include "net/ipv4_address.h"
#include "net/ipv6_address.h"
#include "net/numbers.h"

namespace hairpin {

struct Ipv4Family {
    using Address = Ipv4Address;
    using Prefix = Ipv4Prefix;
};
struct Ipv6Family {
    using Address = Ipv6Address;
    using Prefix = Ipv6Prefix;
};

template <class Family>
struct FlowKey {
    using Address = typename Family::Address;

    Address source;
    Address destination;
    L4Port source_port;
    L4Port destination_port;
    IpProtocol protocol = IpProtocol::any;

    // The key of the answers.
    constexpr FlowKey reversed() const { return {destination, source, destination_port, source_port, protocol}; }
    // "tcp 192.0.2.1:40000 -> 203.0.113.80:80", "gre 192.0.2.1 -> 203.0.113.80 call 17", "esp 192.0.2.1 -> 203.0.113.80"
    std::string to_string() const;
    // "192.0.2.1:40000"; of a protocol without ports the address alone.
    std::string source_text() const;
    std::string destination_text() const;
    // What it has instead of ports: "call 17", "key 4", or nothing.
    std::string identifier_text() const;
    friend constexpr bool operator==(const FlowKey&, const FlowKey&) = default;
};

using Ipv4FlowKey = FlowKey<Ipv4Family>;
using Ipv6FlowKey = FlowKey<Ipv6Family>;

// "192.0.2.1:80", "[2001:db8::1]:80".
std::string endpoint_text(Ipv4Address address, L4Port port);
std::string endpoint_text(const Ipv6Address& address, L4Port port);

inline std::uint64_t hash_of(const Ipv4FlowKey& key, const HashKey& secret) {
    const std::uint64_t addresses = std::uint64_t{key.source.wire().raw()} << 32 | key.destination.wire().raw();
    const std::uint64_t rest = std::uint64_t{key.source_port.number()} << 32 |
                               std::uint64_t{key.destination_port.number()} << 16 | static_cast<std::uint8_t>(key.protocol);
    return keyed_hash(addresses, rest, secret);
}
inline std::uint64_t hash_of(const Ipv6FlowKey& key, const HashKey& secret) {
    const auto source = std::bit_cast<std::array<std::uint64_t, 2>>(key.source.bytes());
    const auto destination = std::bit_cast<std::array<std::uint64_t, 2>>(key.destination.bytes());
    const std::uint64_t rest = std::uint64_t{key.source_port.number()} << 32 |
                               std::uint64_t{key.destination_port.number()} << 16 | static_cast<std::uint8_t>(key.protocol);
    return keyed_hash(keyed_hash(source[0], source[1], secret), keyed_hash(destination[0] ^ rest, destination[1], secret),
                      secret);
}

}  // namespace hairpin
