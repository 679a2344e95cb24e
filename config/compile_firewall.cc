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
using gateway::Service;

constexpr std::uint8_t kEchoRequest = 8;  // RFC 792

constexpr auto kActions = std::to_array<std::pair<std::string_view, FirewallAction>>({
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

Endpoint read_endpoint(const NodeReader& node, const Ruleset& ruleset) {
    Endpoint endpoint;
    endpoint.addresses = address_ranges(node, "address");
    endpoint.negated = node.flag("negate");
    const auto interfaces = node.texts("interface");
    for (const std::string& name : interfaces) {
        endpoint.interfaces |= interfaces_named(ruleset, name);
        if (name == "vse" || name == "any") endpoint.gateway_itself = true;
    }
    if (!interfaces.empty()) mean_nobody_if_empty(endpoint);
    return endpoint;
}

// "internal, 192.0.2.7", "not 192.0.2.0/24", "any"
std::string endpoint_text(const NodeReader& node) {
    auto parts = node.texts("interface");
    for (std::string& address : node.texts("address")) parts.push_back(std::move(address));
    if (parts.empty()) return "any";
    return (node.flag("negate") ? "not " : "") + listed(parts);
}

Service read_service(const NodeReader& node) {
    Service service;
    service.protocol = *parse_ip_protocol(node.text("protocol"));
    service.destination_ports = port_ranges(node, "port");
    service.source_ports = port_ranges(node, "source-port");
    service.icmp_type = node.optional_number<std::uint8_t>("icmp-type");
    return service;
}

// "tcp 80, 443", "udp 53 from 1024-65535", "icmp type 8"
std::string service_text(const NodeReader& node) {
    std::string text = node.text("protocol");
    if (node.has("port")) text += " " + listed(node.texts("port"));
    if (node.has("source-port")) text += " from " + listed(node.texts("source-port"));
    if (node.has("icmp-type")) text += " type " + node.text("icmp-type");
    return text;
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

FirewallRule user_rule(const NodeReader& node, const Ruleset& ruleset, MatchTuple usual) {
    FirewallRule rule;
    rule.id = node.number<gateway::RuleId>("id");
    rule.enabled = node.flag("enabled");
    rule.action = node.one_of("action", kActions);
    rule.match = !node.has("match-translated")   ? usual
                 : node.flag("match-translated") ? MatchTuple::translated
                                                 : MatchTuple::original;
    if (node.has("reject-with")) rule.reject_with = node.one_of("reject-with", kRejectWith);
    rule.source = read_endpoint(node.child("source"), ruleset);
    rule.destination = read_endpoint(node.child("destination"), ruleset);
    std::string services;
    for (const NodeReader& service : node.children("service")) {
        rule.services.push_back(read_service(service));
        services += (services.empty() ? "" : "; ") + service_text(service);
    }
    rule.idle = rule_timeout(node, rule.services);
    rule.text = {node.text_or("name", ""), endpoint_text(node.child("source")), endpoint_text(node.child("destination")),
                 services.empty() ? "any" : services};
    return rule;
}

FirewallRule default_rule(FirewallAction action) {
    FirewallRule rule;
    rule.id = gateway::kDefaultFirewallRule;
    rule.origin = gateway::RuleOrigin::default_rule;
    rule.action = action;
    rule.text = {"default", "any", "any", "any"};
    return rule;
}

}  // namespace

RejectWith usual_reject(const NodeReader& firewall) { return firewall.one_of("default-reject-with", kRejectWith); }

MatchTuple usual_match(const NodeReader& firewall) { return firewall.one_of("match-address", kTuples); }

std::vector<FirewallRule> compile_firewall(const NodeReader& node, const Ruleset& ruleset) {
    const MatchTuple usual = usual_match(node);
    std::vector<FirewallRule> rules;
    if (ruleset.icmp.answer_echo != EchoAnswer::nobody) rules.push_back(echo_rule(ruleset));
    rules.push_back(own_traffic_rule());
    for (const NodeReader& entry : node.children("rule")) rules.push_back(user_rule(entry, ruleset, usual));
    rules.push_back(default_rule(node.one_of("default-action", kActions)));
    return rules;
}

}  // namespace hairpin::config
