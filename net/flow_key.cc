#include "net/flow_key.h"

#include <algorithm>

#include "net/flow_identifiers.h"

namespace hairpin {

namespace {
bool shows_ports(IpProtocol protocol) {
    const Identifiers identifiers = identifiers_of(protocol).identifiers;
    return identifiers == Identifiers::ports || identifiers == Identifiers::query || protocol == IpProtocol::icmpv6;
}
}  // namespace

std::string endpoint_text(Ipv4Address address, L4Port port) { return address.to_string() + ":" + std::to_string(port.number()); }

std::string endpoint_text(const Ipv6Address& address, L4Port port) {
    return "[" + address.to_string() + "]:" + std::to_string(port.number());
}

template <class Family>
std::string FlowKey<Family>::source_text() const {
    return shows_ports(protocol) ? endpoint_text(source, source_port) : source.to_string();
}

template <class Family>
std::string FlowKey<Family>::destination_text() const {
    return shows_ports(protocol) ? endpoint_text(destination, destination_port) : destination.to_string();
}

template <class Family>
std::string FlowKey<Family>::identifier_text() const {
    if (shows_ports(protocol) || (source_port == L4Port{} && destination_port == L4Port{})) return "";
    if (source_port == destination_port) return "key " + std::to_string(source_port.number());
    return "call " + std::to_string(std::max(source_port, destination_port).number());
}

template <class Family>
std::string FlowKey<Family>::to_string() const {
    const std::string identifier = identifier_text();
    return hairpin::to_string(protocol) + " " + source_text() + " -> " + destination_text() +
           (identifier.empty() ? "" : " " + identifier);
}

template struct FlowKey<Ipv4Family>;
template struct FlowKey<Ipv6Family>;

}  // namespace hairpin
