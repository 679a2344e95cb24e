#pragma once
// Where every destination lies: by which interface a packet to it leaves, or that it is the gateway itself, or nowhere.
//
//   192.168.255.1          the gateway itself
//   192.168.255.255        nowhere: a directed broadcast (RFC 2644)
//   192.168.255.0/24       lan
//   everything else        uplink, by the default route
//
// Said by the routes that the datapath asks. Destinations are those after DNAT.

#include <array>

#include "gateway/analysis/interval_set.h"
#include "gateway/routing/route_table.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway::analysis {

class Destinations {
public:
    Destinations(const Ruleset& ruleset, const RouteTable& routes);

    const IntervalSet& gateway_itself() const { return itself_; }
    // What leaves by this interface.
    const IntervalSet& behind(InterfaceId interface) const { return behind_[index_of(interface)]; }
    IntervalSet behind(const InterfaceSet& interfaces) const;
    // What the firewall is asked about: behind an interface, or the gateway itself.
    const IntervalSet& reachable() const { return reachable_; }

private:
    IntervalSet itself_, reachable_;
    std::array<IntervalSet, kMaxInterfaces> behind_;
};

}  // namespace hairpin::gateway::analysis
