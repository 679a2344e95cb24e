#pragma once
// One end of a flow: an address, a port and the protocol that the port is of (a transport address, as RFC 6146 §2 calls it). Of an ICMP
// query the port is its identifier.

#include <cstdint>

#include "net/flow_key.h"

namespace hairpin {

template <class Family>
struct TransportAddress {
    using Address = typename Family::Address;

    Address address;
    L4Port port;
    IpProtocol protocol = IpProtocol::any;

    static TransportAddress source_of(const FlowKey<Family>& key) { return {key.source, key.source_port, key.protocol}; }
    static TransportAddress destination_of(const FlowKey<Family>& key) {
        return {key.destination, key.destination_port, key.protocol};
    }
    friend constexpr bool operator==(const TransportAddress&, const TransportAddress&) = default;
};

using Ipv4TransportAddress = TransportAddress<Ipv4Family>;

inline std::uint64_t hash_of(const Ipv4TransportAddress& end, const HashKey& secret) {
    return keyed_hash(std::uint64_t{end.address.number()} << 32 | std::uint64_t{end.port.number()} << 8 |
                          static_cast<std::uint8_t>(end.protocol),
                      secret);
}

}  // namespace hairpin
