#include "gateway/routing/route_table.h"

#include <algorithm>

namespace hairpin::gateway {

RouteTable::RouteTable(const Ruleset& ruleset) : local_(ruleset) {
    add_connected(ruleset);
    add_configured(ruleset);
    sort_and_index();
}

void RouteTable::add_connected(const Ruleset& ruleset) {
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i) {
        const Interface& interface = ruleset.interfaces[i];
        if (!interface.present()) continue;
        for (const Ipv4InterfaceAddress& own : interface.addresses)
            routes_.push_back({own.subnet, static_cast<InterfaceId>(i), std::nullopt, RouteOrigin::connected});
    }
}

void RouteTable::add_configured(const Ruleset& ruleset) {
    std::vector<Route> configured;  // apart from routes_: a next hop is looked up among connected subnets alone
    for (const StaticRoute& route : ruleset.routes) {
        const bool to_itself = route.next_hop && local_.find(*route.next_hop) == LocalAddress::own;
        const auto interface = route.interface || !route.next_hop ? route.interface : interface_towards(*route.next_hop);
        if (interface && ruleset.has(*interface) && !to_itself)
            configured.push_back({route.prefix, *interface, route.next_hop, RouteOrigin::configured});
        else
            unresolved_.push_back(route);
    }
    routes_.insert(routes_.end(), configured.begin(), configured.end());
}

std::optional<InterfaceId> RouteTable::interface_towards(Ipv4Address next_hop) const {
    const Route* closest = nullptr;
    for (const Route& route : routes_)
        if (route.prefix.contains(next_hop) && (closest == nullptr || route.prefix.length() > closest->prefix.length()))
            closest = &route;
    if (closest == nullptr) return std::nullopt;
    return closest->interface;
}

void RouteTable::sort_and_index() {
    const auto place = [](const Route& route) { return std::pair{route.prefix.network(), route.prefix.length()}; };
    // Stable: connected routes were put first and stay before static ones with the same prefix.
    std::stable_sort(routes_.begin(), routes_.end(), [&](const Route& a, const Route& b) { return place(a) < place(b); });
    routes_.erase(
        std::unique(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) { return a.prefix == b.prefix; }),
        routes_.end());

    std::vector<PrefixTrie<Ipv4Family>::Entry> entries;
    entries.reserve(routes_.size());
    for (const Route& route : routes_) entries.push_back({route.prefix, static_cast<std::uint32_t>(entries.size())});
    trie_ = PrefixTrie<Ipv4Family>{entries};
}

}  // namespace hairpin::gateway
