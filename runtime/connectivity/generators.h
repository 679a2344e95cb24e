#pragma once
// The generators of remedies, each of which looks at one kind of setting. They see the rules as they are compiled, for what matches,
// and the document that makes them, for what is to be typed.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "gateway/edge_gateway.h"
#include "runtime/connectivity/remedies.h"

namespace hairpin::runtime::connectivity {

struct Situation {
    const Verdict& verdict;
    const Question& question;
    const gateway::EdgeGateway& gateway;
    const gateway::Ruleset& rules;
    const config::Candidate& document;

    const gateway::Interface& interface(InterfaceId id) const { return rules.interfaces[index_of(id)]; }
    bool addressed_to_gateway() const { return rules.owns(verdict.decision->after_dnat.destination); }
};

void suggest_firewall_rules(const Situation& situation, std::vector<Remedy>& found);
void suggest_destination_rules(const Situation& situation, std::vector<Remedy>& found);
void suggest_source_rules(const Situation& situation, std::vector<Remedy>& found);
void suggest_default_route(const Situation& situation, std::vector<Remedy>& found);
// That firewall and NAT work at all.
void suggest_firewall(const Situation& situation, std::vector<Remedy>& found);

// The numbers that people give their own rules; others are assigned.
struct OwnNumbers {
    gateway::RuleId first, last;
};

// Behind those that are taken, so that a reader finds the newest last; the first that is free where nothing is left behind.
template <class Rule>
std::optional<gateway::RuleId> free_number(const std::vector<Rule>& rules, OwnNumbers own) {
    std::vector<gateway::RuleId> taken;
    for (const Rule& rule : rules)
        if (own.first <= rule.id && rule.id <= own.last) taken.push_back(rule.id);
    if (taken.empty()) return own.first;
    std::sort(taken.begin(), taken.end());
    if (taken.back() < own.last) return taken.back() + 1;
    for (std::size_t i = 0; i < taken.size(); ++i)
        if (taken[i] != own.first + i) return own.first + static_cast<gateway::RuleId>(i);
    return std::nullopt;
}

}  // namespace hairpin::runtime::connectivity
