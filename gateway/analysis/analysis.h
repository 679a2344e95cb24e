#pragma once
// What rules will do, said before they do it: those that can never match, translations that no firewall rule lets through, addresses
// that nobody answers for, hairpins that lack their other half.
//
// Exact, not a sample: rules become sets of packets (box.h), the ways through DNAT branches (dnat_branches.h), and what the rules
// before leave of a rule is computed. A firewall rule is said never to match exactly when no packet makes decide() choose it.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/ruleset.h"
#include "gateway/thoroughness.h"

namespace hairpin::gateway {

struct Finding {
    std::string_view kind;
    RuleId rule = kNoRule;
    std::string text;
};

// The kinds, one row each: what asks for one of a kind reads it here.
struct FindingKind {
    std::string_view name, meaning;
};
inline constexpr FindingKind kShadowed{"shadowed", "a firewall rule that can never match"};
inline constexpr FindingKind kUnreachableNat{"unreachable-nat", "a NAT rule that can never match"};
inline constexpr FindingKind kNatWithoutFirewall{"nat-without-firewall", "no firewall rule accepts what a NAT rule translates"};
inline constexpr FindingKind kNatWithoutRoute{"nat-without-route", "nothing leads to what a DNAT rule translates to"};
inline constexpr FindingKind kAddressNotOwned{"address-not-owned",
                                              "packets to an address of a NAT rule do not come to the gateway"};
inline constexpr FindingKind kHalfHairpin{"half-hairpin", "answers to a hairpin would go past the gateway"};
inline constexpr FindingKind kNotDetermined{"not-determined", "the bound on the analysis was reached first"};

// In the order of the kinds above, and of the rules. Where firewall and NAT are switched off there is nothing to find. Bounded: a
// thousand rules that hardly overlap take some 3 ms, and all is known; where rules overlap crosswise it stops, 5 ms later or, asked in
// full, a quarter of a second, and says of what it does not know (not-determined).
std::vector<Finding> analyse(const Ruleset& ruleset, Thoroughness thoroughness = Thoroughness::full);

}  // namespace hairpin::gateway
