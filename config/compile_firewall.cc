#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"
#include "config/rule_matches.h"

namespace hairpin::config {

namespace {

using gateway::EchoAnswer;
using gateway::Endpoint;
using gateway::FirewallAction;
using gateway::FirewallRule;
using gateway::MatchTuple;
using gateway::RejectWith;
using gateway::Ruleset;

constexpr std::uint8_t kEchoRequest = 8;  // RFC 792

constexpr auto kFirewallActions = std::to_array<std::pair<std::string_view, FirewallAction>>({
    {"accept", FirewallAction::accept},
    {"drop", FirewallAction::drop},
    {"reject", FirewallAction::reject},
});
constexpr auto kRejectWith = std::to_array<std::pair<std::string_view, RejectWith>>({
    {"icmp", RejectWith::icmp},
    {"tcp-reset", RejectWith::tcp_reset},
});
constexpr auto kTuples = std::to_array<std::pair<std::string_view, MatchTuple>>({
    {"original", MatchTuple::original},
    {"translated", MatchTuple::translated},
});

// An empty Endpoint is everybody. Where a rule names a group without members, nobody is meant, which is everybody, negated; and who
// then excepts that group means everybody.
void mean_nobody_if_empty(Endpoint& endpoint) {
    if (endpoint.any()) endpoint.negated = !endpoint.negated;
}

Endpoint read_endpoint(const NodeReader& node, GroupReader& groups) {
    Endpoint endpoint;
    endpoint.addresses = groups.addresses(node, "address");
    endpoint.macs = groups.macs(node, "mac");
    endpoint.negated = node.flag("negate");
    const auto [interfaces, gateway_itself] = groups.interfaces(node, "interface");
    endpoint.interfaces = interfaces;
    endpoint.gateway_itself = gateway_itself;
    const bool is_named = node.has("address") || node.has("interface");
    if ((is_named && endpoint.any()) || (node.has("mac") && endpoint.macs.empty())) {
        endpoint = Endpoint{{}, {}, false, endpoint.negated};
        mean_nobody_if_empty(endpoint);
    }
    return endpoint;
}

// "internal, 192.0.2.7", "not 192.0.2.0/24", "lan with MAC 02:00:00:00:00:01", "any"
std::string endpoint_text(const NodeReader& node) {
    auto parts = node.texts("interface");
    for (std::string& address : node.texts("address")) parts.push_back(std::move(address));
    std::string text = listed(parts);
    if (node.has("mac")) text += (text.empty() ? "MAC " : " with MAC ") + listed(node.texts("mac"));
    if (text.empty()) return "any";
    return (node.flag("negate") ? "not " : "") + text;
}

// That the gateway answers pings is a rule that everybody can see, and the first, so that a rule of one's own need not repeat it.
FirewallRule echo_rule(const Ruleset& ruleset) {
    const bool internal = ruleset.icmp.answer_echo == EchoAnswer::internal;
    FirewallRule rule;
    rule.id = gateway::kEchoFirewallRule;
    rule.origin = gateway::RuleOrigin::automatic;
    if (internal) {
        rule.source.interfaces = interfaces_named(ruleset, "internal");
        mean_nobody_if_empty(rule.source);
    }
    rule.destination.gateway_itself = true;
    rule.services.push_back({IpProtocol::icmp, {}, {}, kEchoRequest});
    rule.action = FirewallAction::accept;
    rule.text = {"auto: ping of the gateway", internal ? "internal" : "any", "vse", "icmp type 8"};
    return rule;
}

// What the gateway itself sends, as pings from its command line, passes; it stands among the rules for everybody to see.
FirewallRule own_traffic_rule() {
    FirewallRule rule;
    rule.id = gateway::kOwnTrafficFirewallRule;
    rule.origin = gateway::RuleOrigin::automatic;
    rule.source.gateway_itself = true;
    rule.action = FirewallAction::accept;
    rule.text = {"auto: gateway's own traffic", "vse", "any", "any"};
    return rule;
}

FirewallRule user_rule(const NodeReader& node, GroupReader& groups, MatchTuple usual) {
    FirewallRule rule;
    rule.id = node.number<gateway::RuleId>("id");
    groups.begin_rule("firewall", rule.id);
    rule.enabled = node.flag("enabled");
    rule.action = node.one_of("action", kFirewallActions);
    rule.match = !node.has("match-translated")   ? usual
                 : node.flag("match-translated") ? MatchTuple::translated
                                                 : MatchTuple::original;
    rule.log = node.flag("log");
    rule.schedule = node.text_or("schedule", "");
    if (node.has("reject-with")) rule.reject_with = node.one_of("reject-with", kRejectWith);
    rule.source = read_endpoint(node.child("source"), groups);
    rule.destination = read_endpoint(node.child("destination"), groups);
    rule.services = groups.services(node);
    std::string services;
    for (const NodeReader& service : node.children("service")) services += (services.empty() ? "" : "; ") + service_text(service);
    if (!services.empty() && rule.services.empty()) rule.services.push_back(gateway::kNoService);
    rule.idle = rule_timeout(node, rule.services);
    rule.tcp_tracking = tcp_tracking_of(node);
    rule.syn_proxy = node.flag("syn-proxy");
    rule.limits = rule_limits(node);
    rule.text = {node.text_or("name", ""), endpoint_text(node.child("source")), endpoint_text(node.child("destination")),
                 services.empty() ? "any" : services};
    return rule;
}

FirewallRule default_rule(FirewallAction action, bool log) {
    FirewallRule rule;
    rule.id = gateway::kDefaultFirewallRule;
    rule.origin = gateway::RuleOrigin::default_rule;
    rule.action = action;
    rule.log = log;
    rule.text = {"default", "any", "any", "any"};
    return rule;
}

}  // namespace

RejectWith usual_reject(const NodeReader& firewall) { return firewall.one_of("default-reject-with", kRejectWith); }

MatchTuple usual_match(const NodeReader& firewall) { return firewall.one_of("match-address", kTuples); }

gateway::LogSettings compile_logging(const NodeReader& gateway) {
    return {gateway.child("firewall").number<unsigned>("log-rate"), gateway.child("nat").flag("log-destinations")};
}

std::vector<FirewallRule> compile_firewall(const NodeReader& node, const Ruleset& ruleset, GroupReader& groups) {
    const MatchTuple usual = usual_match(node);
    std::vector<FirewallRule> rules;
    if (ruleset.icmp.answer_echo != EchoAnswer::nobody) rules.push_back(echo_rule(ruleset));
    rules.push_back(own_traffic_rule());
    for (const NodeReader& entry : node.children("rule")) rules.push_back(user_rule(entry, groups, usual));
    rules.push_back(default_rule(node.one_of("default-action", kFirewallActions), node.flag("default-log")));
    return rules;
}

}  // namespace hairpin::config
