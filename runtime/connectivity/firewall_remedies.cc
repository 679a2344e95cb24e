#include <fmt/format.h>

#include <algorithm>

#include "gateway/firewall/match.h"
#include "runtime/connectivity/generators.h"

namespace hairpin::runtime::connectivity {

using gateway::FirewallQuestion;
using gateway::FirewallRule;

namespace {

constexpr OwnNumbers kFirewallNumbers{1, 65536};

// A rule is put before the one that refuses, but for the default, which is last whatever is typed.
void put_before(gateway::RuleId rule, const FirewallRule& refusing, Remedy& remedy) {
    if (refusing.origin != gateway::RuleOrigin::default_rule)
        remedy.lines.push_back(fmt::format("insert gateway firewall rule {} before {}", rule, refusing.id));
}

std::string service_of(const Ipv4FlowKey& key, std::optional<std::uint8_t> icmp_type) {
    if (icmp_type) return fmt::format("icmp icmp-type {}", *icmp_type);
    return fmt::format("{} port {}", to_string(key.protocol), key.destination_port.number());
}

// Nobody else is let through, and nowhere else.
void suggest_exactly(const Ipv4FlowKey& key, const FirewallRule& refusing, const Situation& situation,
                     std::vector<Remedy>& found) {
    const auto id = free_number(situation.rules.firewall, kFirewallNumbers);
    if (!id) return;
    const std::string rule = fmt::format("set gateway firewall rule {}", *id);
    Remedy remedy{{fmt::format("{} source address {}", rule, key.source.to_string()),
                   fmt::format("{} destination address {}", rule, key.destination.to_string()),
                   fmt::format("{} service {}", rule, service_of(key, icmp_type_of(situation.question))),
                   rule + " action accept"}};
    put_before(*id, refusing, remedy);
    if (std::find(found.begin(), found.end(), remedy) == found.end()) found.push_back(std::move(remedy));
}

}  // namespace

void suggest_firewall_rules(const Situation& situation, std::vector<Remedy>& found) {
    const auto& decision = *situation.verdict.decision;
    const auto outbound = situation.addressed_to_gateway() ? std::nullopt : std::optional{decision.outbound};
    const FirewallQuestion question{situation.question.key, decision.after_dnat, *situation.verdict.inbound, outbound,
                                    icmp_type_of(situation.question)};
    const FirewallRule& refusing = first_match(situation.rules, question);
    for (const FirewallRule& rule : situation.rules.firewall) {
        if (rule.enabled || rule.action != gateway::FirewallAction::accept || !matches(rule, question)) continue;
        Remedy remedy{{fmt::format("set gateway firewall rule {} enabled true", rule.id)}};
        if (&rule > &refusing) put_before(rule.id, refusing, remedy);
        found.push_back(std::move(remedy));
    }
    // Which destination a new rule compares is for match-address to say; the one that it does not compare will not help.
    suggest_exactly(situation.question.key, refusing, situation, found);
    suggest_exactly(decision.after_dnat, refusing, situation, found);
}

void suggest_firewall(const Situation& situation, std::vector<Remedy>& found) {
    if (!situation.rules.firewall_enabled) found.push_back({{"set gateway firewall enabled true"}});
}

}  // namespace hairpin::runtime::connectivity
