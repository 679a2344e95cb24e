#include "runtime/capture/address_names.h"

#include "runtime/clock.h"

namespace hairpin::runtime {

std::vector<pcapng::Name> address_names(const Worker& worker) {
    std::vector<pcapng::Name> names;
    const auto add = [&](Ipv4Address address, std::string name) {
        if (names.size() < kMostAddressNames) names.push_back({address, std::move(name)});
    };
    if (!worker.gateway().has_rules()) return names;
    for (const gateway::Interface& interface : worker.gateway().ruleset().interfaces)
        for (const Ipv4InterfaceAddress& own : interface.addresses) add(own.address, "gateway-" + interface.name);
    worker.gateway().neighbors().for_each(monotonic_now(), [&](const gateway::NeighborTable::Row& neighbor) {
        const std::string* port = neighbor.mac ? worker.egress_port(neighbor.interface, *neighbor.mac) : nullptr;
        if (port != nullptr) add(neighbor.address, *port);
    });
    return names;
}

}  // namespace hairpin::runtime
