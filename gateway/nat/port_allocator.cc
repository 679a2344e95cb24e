#include "gateway/nat/port_allocator.h"

#include <algorithm>

#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

// Where ports may be taken from when the rule names none. An ICMP identifier has no classes, and any will do.
PortRange port_class(const Ipv4FlowKey& key) {
    if (key.protocol == IpProtocol::icmp) return {L4Port{0}, L4Port{65535}};
    if (key.source_port.number() < 1024) return {L4Port{1}, L4Port{1023}};
    return {L4Port{1024}, L4Port{65535}};
}

}  // namespace

std::optional<Ipv4FlowKey> PortAllocator::allocate(const Ipv4FlowKey& original, const Ipv4FlowKey& to, const SourceChoice& choice,
                                                   const SessionTable& sessions) {
    const auto is_free = [&](const Ipv4FlowKey& flow) {
        return flow.reversed() != original && !sessions.contains(flow.reversed());
    };
    Ipv4FlowKey candidate = to;
    const std::uint64_t host = keyed_hash(to.source.number(), pairing_);
    candidate.source = Ipv4Address{choice.addresses.first.number() +
                                   static_cast<std::uint32_t>(host % (std::uint64_t{choice.addresses.span()} + 1))};
    if (!rewrites_identifiers(to.protocol)) return is_free(candidate) ? std::optional{candidate} : std::nullopt;

    const PortRange range = choice.ports.value_or(port_class(to));
    const unsigned ports = range.span() + 1;
    const unsigned start = random_.below(ports);
    for (unsigned tries = 0; tries < std::min(ports, kMostTries); ++tries) {
        const L4Port port{static_cast<std::uint16_t>(range.first.number() + (start + tries) % ports)};
        candidate.source_port = port;
        if (to.protocol == IpProtocol::icmp) candidate.destination_port = port;  // the identifier, in both places
        if (is_free(candidate)) return candidate;
    }
    return std::nullopt;
}

}  // namespace hairpin::gateway
