#pragma once
// Where a packet goes next: the longest prefix that covers its destination (RFC 1812 5.2.4.3).
//
//   connected   192.168.255.0/24   lan                        the subnet of an interface's address
//   static      0.0.0.0/0          uplink  via 203.0.113.1    the next hop lies in a connected subnet, which names the interface
//   static      198.51.100.0/24    uplink                     everybody there answers ARP on the link itself
//
// Built once from a Ruleset, immutable after that. Of two routes with one prefix a connected one wins over a static one, and the
// first over a later one. A static route whose next hop lies in no connected subnet, or is the gateway itself, leads nowhere
// and is left out; unresolved() names it.

#include <optional>
#include <span>
#include <vector>

#include "gateway/routing/local_addresses.h"
#include "gateway/routing/prefix_trie.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway {

enum class RouteOrigin : std::uint8_t { connected, configured };

struct Route {
    Ipv4Prefix prefix;
    InterfaceId interface {};
    std::optional<Ipv4Address> next_hop;  // none: the destination is on the link
    RouteOrigin origin = RouteOrigin::connected;
};

class RouteTable {
public:
    explicit RouteTable(const Ruleset& ruleset);

    // nullptr when nothing leads there. Points into routes(), so the difference tells the position.
    const Route* find(Ipv4Address destination) const {
        const auto position = trie_.find(destination);
        return position ? &routes_[*position] : nullptr;
    }

    // Which addresses lead nowhere because they are the gateway's own, or broadcasts of its subnets. They come before all routes.
    const LocalAddresses& local() const { return local_; }

    // By network and then length.
    std::span<const Route> routes() const { return routes_; }
    // Configured routes that lead nowhere.
    std::span<const StaticRoute> unresolved() const { return unresolved_; }

private:
    void add_connected(const Ruleset& ruleset);
    void add_configured(const Ruleset& ruleset);
    std::optional<InterfaceId> interface_towards(Ipv4Address next_hop) const;
    void sort_and_index();

    LocalAddresses local_;
    std::vector<Route> routes_;
    std::vector<StaticRoute> unresolved_;
    PrefixTrie<Ipv4Family> trie_;
};

// What `show routes` calls it.
constexpr std::string_view name_of(RouteOrigin origin) { return origin == RouteOrigin::connected ? "connected" : "static"; }

}  // namespace hairpin::gateway
