#include <fmt/format.h>

#include "runtime/clock.h"
#include "runtime/connectivity/generators.h"

namespace hairpin::runtime::connectivity {

namespace {

void add_once(Ipv4Address router, std::vector<Ipv4Address>& routers) {
    if (std::find(routers.begin(), routers.end(), router) == routers.end()) routers.push_back(router);
}

// Those that routes out of an uplink name.
std::vector<Ipv4Address> routers_in_use(const Situation& situation) {
    std::vector<Ipv4Address> routers;
    for (const gateway::Route& route : situation.gateway.routes().routes())
        if (route.next_hop && situation.interface(route.interface).role == gateway::InterfaceRole::uplink)
            add_once(*route.next_hop, routers);
    return routers;
}

// Who stands on the uplinks and answers ARP. One of several would be a guess: which of them is a router cannot be seen.
std::vector<Ipv4Address> only_neighbor_of_uplinks(const Situation& situation) {
    std::vector<Ipv4Address> neighbors;
    situation.gateway.neighbors().for_each(monotonic_now(), [&](const gateway::NeighborTable::Row& row) {
        if (row.mac && situation.interface(row.interface).role == gateway::InterfaceRole::uplink)
            neighbors.push_back(row.address);
    });
    if (neighbors.size() != 1) neighbors.clear();
    return neighbors;
}

}  // namespace

void suggest_default_route(const Situation& situation, std::vector<Remedy>& found) {
    const Ipv4Address far = situation.verdict.obstacle == Obstacle::no_route ? situation.verdict.decision->after_dnat.destination
                                                                             : situation.question.key.source;
    if (is_private(far)) return;  // it is not on the Internet, where a default route leads
    std::vector<Ipv4Address> routers = routers_in_use(situation);
    if (routers.empty()) routers = only_neighbor_of_uplinks(situation);
    for (const Ipv4Address router : routers)
        found.push_back({{fmt::format("set gateway route 0.0.0.0/0 next-hop {}", router.to_string())}});
}

}  // namespace hairpin::runtime::connectivity
