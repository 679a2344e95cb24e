#include "net/flow_key.h"

namespace hairpin {

std::string endpoint_text(Ipv4Address address, L4Port port) { return address.to_string() + ":" + std::to_string(port.number()); }

std::string endpoint_text(const Ipv6Address& address, L4Port port) {
    return "[" + address.to_string() + "]:" + std::to_string(port.number());
}

template <class Family>
std::string FlowKey<Family>::to_string() const {
    return hairpin::to_string(protocol) + " " + endpoint_text(source, source_port) + " -> " +
           endpoint_text(destination, destination_port);
}

template struct FlowKey<Ipv4Family>;
template struct FlowKey<Ipv6Family>;

}  // namespace hairpin
