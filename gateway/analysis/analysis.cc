#include "gateway/analysis/analysis.h"

#include <algorithm>

#include "gateway/analysis/parts.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway {

namespace analysis {

namespace {

// Of all questions together. Rules that hardly overlap take up to 5 steps each, so brief is enough for any number of those.
constexpr std::size_t kMostSteps = 1'000'000, kFewSteps = 10'000, kFewStepsPerRule = 6;
std::size_t steps_for(const Ruleset& ruleset, Thoroughness thoroughness) {
    std::size_t rules = ruleset.firewall.size() + ruleset.nat.size();
    for (const NatRule& rule : ruleset.nat) rules += rule.targets.size();  // each is looked at as a rule of its own would be
    return thoroughness == Thoroughness::full ? std::max(kMostSteps, rules * kFewStepsPerRule)
                                              : kFewSteps + rules * kFewStepsPerRule;
}
constexpr std::size_t kFewestShares = 16;  // no single question takes more of it
constexpr std::size_t kMostNamed = 4;
constexpr std::ptrdiff_t kMostUnknownNamed = 5;

std::string numbered(RuleId id, const std::string& text) {
    return std::to_string(id) + (text.empty() ? "" : " \"" + text + "\"");
}

// Many rules of which nothing is known are said in one sentence.
void sum_up_unknown(std::vector<Finding>& findings) {
    std::ptrdiff_t unknown = 0;
    std::erase_if(findings,
                  [&](const Finding& finding) { return finding.kind == kNotDetermined.name && ++unknown > kMostUnknownNamed; });
    if (unknown > kMostUnknownNamed)
        findings.push_back({kNotDetermined.name, kNoRule,
                            "of " + std::to_string(unknown - kMostUnknownNamed) + " more rules it is not known either"});
}

}  // namespace

std::string short_name_of(const FirewallRule& rule) { return numbered(rule.id, rule.text.name); }
std::string short_name_of(const NatRule& rule) { return numbered(rule.id, rule.text.description); }
std::string name_of(const FirewallRule& rule) { return "firewall rule " + short_name_of(rule); }
std::string name_of(const NatRule& rule) { return "NAT rule " + short_name_of(rule); }

std::string taken_by(const std::vector<std::string>& names) {
    if (names.size() == 1) return "rule " + names.front() + " takes everything it would";
    std::string list = names.front();
    const std::size_t named = names.size() > kMostNamed ? kMostNamed - 1 : names.size();
    for (std::size_t i = 1; i < named; ++i) list += (i + 1 == names.size() ? " and " : ", ") + names[i];
    if (named < names.size()) list += " and " + std::to_string(names.size() - named) + " more";
    return "rules " + list + " together take everything it would";
}

}  // namespace analysis

std::vector<Finding> analyse(const Ruleset& ruleset, Thoroughness thoroughness) {
    using namespace analysis;
    std::vector<Finding> findings;
    if (!ruleset.firewall_enabled) return findings;
    const RouteTable routes{ruleset};
    const Destinations destinations{ruleset, routes};
    Effort effort{steps_for(ruleset, thoroughness)};
    const DnatBranches dnat = find_dnat_branches(ruleset, effort);
    const std::vector<SnatShare> snat = find_snat_shares(ruleset, destinations, effort);
    const Policy policy{ruleset, destinations};
    Study study{ruleset, destinations, dnat, snat, policy, effort, effort.left() / kFewestShares, findings};
    // What goes through DNAT unknown could match any rule.
    if (dnat.complete) find_shadowed_rules(study);
    find_unreachable_nat(study);
    if (dnat.complete) find_nat_without_firewall(study);
    find_addresses_not_owned(study);
    if (dnat.complete) find_half_hairpins(study);
    sum_up_unknown(findings);
    return findings;
}

}  // namespace hairpin::gateway
