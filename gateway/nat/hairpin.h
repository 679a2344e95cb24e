#pragma once
// What the hairpin modes of dnat rules make: rules for clients on the inside, for everybody to see (NAT-AND-FIREWALL 3). A mode says also
// what source such a client gets, of derived rules and of those that are applied on the inside themselves.
//
//   196610 dnat on uplink  203.0.113.80:80 to 192.168.255.10:80, hairpin auto
//     gives   dnat on every internal interface, the same
//     and     the server sees the gateway's address where it would answer the client directly, past the gateway

#include <optional>
#include <vector>

#include "gateway/ruleset.h"

namespace hairpin::gateway {

// The interface by which the world knows a dnat rule's original address: the first uplink that the rule is applied on.
std::optional<InterfaceId> outside_of(const NatRule& rule, const Ruleset& ruleset);

// A rule for each enabled dnat rule that has a mode, in their order, with its number, applied on the internal interfaces that it is not
// applied on itself. They are asked behind all that were written.
std::vector<NatRule> derived_hairpins(const Ruleset& ruleset);

}  // namespace hairpin::gateway
