#include "gateway/source_validation.h"

namespace hairpin::gateway {

bool believes_source(const Ruleset& ruleset, const RouteTable& routes, InterfaceId inbound, Ipv4Address source) {
    if (inbound == kGatewayItself) return true;
    const SourceValidation validation = ruleset.interfaces[index_of(inbound)].source_validation;
    if (validation == SourceValidation::off) return true;
    const Route* back = routes.find(source);
    return back != nullptr && (validation == SourceValidation::loose || back->interface == inbound);
}

bool may_come_by(const Ruleset& ruleset, InterfaceId inbound, InterfaceId expected) {
    // What the gateway itself has begun nobody else goes on with.
    if (inbound == kGatewayItself || expected == kGatewayItself) return false;
    const Interface& link = ruleset.interfaces[index_of(inbound)];
    switch (link.source_validation) {
        case SourceValidation::off: return true;
        case SourceValidation::loose: return link.role == ruleset.interfaces[index_of(expected)].role;
        case SourceValidation::strict: return false;
    }
    return false;
}

}  // namespace hairpin::gateway
