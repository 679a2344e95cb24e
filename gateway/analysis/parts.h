#pragma once
// The parts of analyse(): what each may look at, and where it puts what it finds.

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/analysis/analysis.h"
#include "gateway/analysis/destinations.h"
#include "gateway/analysis/dnat_branches.h"
#include "gateway/analysis/policy.h"
#include "gateway/analysis/snat_shares.h"

namespace hairpin::gateway::analysis {

struct Study {
    const Ruleset& ruleset;
    const Destinations& destinations;
    const DnatBranches& dnat;
    const std::vector<SnatShare>& snat;
    const Policy& policy;
    Effort& effort;         // of all parts together
    std::size_t most_each;  // steps that one question may take
    std::vector<Finding>& findings;

    // For a question that should take no more than `wanted`.
    Effort share(std::size_t wanted) const { return Effort{std::min({wanted, most_each, effort.left()})}; }
    void add(const FindingKind& kind, RuleId rule, std::string text) { findings.push_back({kind.name, rule, std::move(text)}); }
};

void find_shadowed_rules(Study& study);
void find_unreachable_nat(Study& study);
void find_nat_without_firewall(Study& study);
void find_addresses_not_owned(Study& study);
void find_half_hairpins(Study& study);

// `firewall rule 7 "web"`, `NAT rule 196610`.
std::string name_of(const FirewallRule& rule);
std::string name_of(const NatRule& rule);
// `3 "all from lan"`.
std::string short_name_of(const FirewallRule& rule);
std::string short_name_of(const NatRule& rule);
// `rule 3 "all from lan" takes everything it would`; several take it together.
std::string taken_by(const std::vector<std::string>& names);

}  // namespace hairpin::gateway::analysis
