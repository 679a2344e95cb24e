#pragma once
// For whom else than itself the gateway answers ARP on a link (RFC 1027), where an interface's proxy-arp says so:
//
//   uplink 203.0.113.80/24, SNAT to 203.0.113.90, DNAT of 203.0.113.91     .90 and .91 are no interface's, and their packets come here
//   lan 10.0.0.1/24, dmz 10.0.0.129/25                                     a host on the LAN whose netmask is /24 finds 10.0.0.130
//
// That is for addresses which NAT rules applied on the interface use, and for those that a route leads to by another interface. A default
// route is no such route: it would make the gateway everybody. Nor is anybody's address taken who is there: a next hop's, one that the
// subnet's own neighbours answer for. By an uplink nothing private is answered for but what a NAT rule says: private routes are
// not made known outside (RFC 3022 §5.3). Nothing is ever announced.
//
// Built once from a Ruleset and its routes, which outlive it; immutable after that.

#include <vector>

#include "gateway/routing/route_table.h"
#include "net/arp.h"

namespace hairpin::gateway {

class ProxyArp {
public:
    ProxyArp(const Ruleset& ruleset, const RouteTable& routes);

    // Whether this, heard on the interface, asks for an address that the gateway answers for in another's stead.
    bool answers(InterfaceId interface, const ArpHeader& arp) const;

private:
    struct Link {
        bool proxies = false;
        InterfaceRole role = InterfaceRole::internal;
        std::vector<AddressRange> translated;  // what NAT rules applied here use, as they stand in them
    };

    bool leads_elsewhere(InterfaceId interface, const Link& link, Ipv4Address address) const;

    const RouteTable& routes_;
    std::vector<Link> links_;
    std::vector<Ipv4Address> next_hops_;  // in order
};

}  // namespace hairpin::gateway
