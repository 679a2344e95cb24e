#include <fmt/format.h>
#include <algorithm>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

using gateway::AddressRange;
using gateway::FirewallRule;
using gateway::InterfaceRole;
using gateway::InterfaceSet;
using gateway::NatAction;
using gateway::NatRule;
using gateway::PortRange;
using gateway::Ruleset;

constexpr std::uint8_t kEchoRequest = 8;

// "192.0.2.1", "192.0.2.1-192.0.2.9", "192.0.2.0/24"; the pattern has let through what looks like one.
std::optional<AddressRange> parse_range(const std::string& text) {
    if (const auto dash = text.find('-'); dash != std::string::npos) {
        const auto first = Ipv4Address::parse(text.substr(0, dash)), last = Ipv4Address::parse(text.substr(dash + 1));
        if (!first || !last || *last < *first) return std::nullopt;
        return AddressRange{*first, *last};
    }
    const auto prefix = Ipv4Prefix::parse(text);
    if (!prefix) return std::nullopt;
    return AddressRange{prefix->first(), prefix->last()};
}

Result<AddressRange> read_range(const NodeReader& node, std::string_view leaf, const std::string& text) {
    const auto range = parse_range(text);
    if (!range)
        return node.refuse(
            leaf, fmt::format("\"{}\" is no address, range or prefix (a range runs upwards, a prefix has no host bits)", text));
    return *range;
}

Result<PortRange> read_ports(const NodeReader& node, std::string_view leaf, const std::string& text) {
    const auto dash = text.find('-');
    const auto first = parse_number(text.substr(0, dash), 65535);
    const auto last = dash == std::string::npos ? first : parse_number(text.substr(dash + 1), 65535);
    if (!first || !last || *last < *first || *first == 0)
        return node.refuse(leaf, fmt::format("\"{}\" is no port or range of ports: 1 to 65535, upwards", text));
    return PortRange{L4Port{static_cast<std::uint16_t>(*first)}, L4Port{static_cast<std::uint16_t>(*last)}};
}

// internal, external, any, or an interface's name.
std::optional<InterfaceSet> interfaces_named(const Ruleset& ruleset, const std::string& name) {
    InterfaceSet set;
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i) {
        const auto& interface = ruleset.interfaces[i];
        if (!interface.present()) continue;
        const bool uplink = interface.role == InterfaceRole::uplink;
        if (name == "any" || interface.name == name || name == (uplink ? "external" : "internal")) set.set(i);
    }
    const bool group = name == "any" || name == "internal" || name == "external";
    if (set.none() && !group) return std::nullopt;
    return set;
}

std::string unknown_interface(const Ruleset& ruleset, const std::string& name) {
    std::string known;
    for (const auto& interface : ruleset.interfaces)
        if (interface.present()) known += interface.name + ", ";
    return fmt::format("there is no interface \"{}\": {}or a group: internal, external, any", name, known);
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

Result<gateway::Endpoint> read_endpoint(const NodeReader& node, const Ruleset& ruleset, std::string& text) {
    gateway::Endpoint endpoint;
    std::vector<std::string> parts = node.texts("interface");
    for (const auto& name : parts) {
        if (name == "vse") {
            endpoint.gateway_itself = true;
            continue;
        }
        const auto set = interfaces_named(ruleset, name);
        if (!set) return node.refuse("interface", unknown_interface(ruleset, name));
        endpoint.interfaces |= *set;
        if (name == "any") endpoint.gateway_itself = true;
    }
    for (const auto& address : node.texts("address")) {
        const auto range = read_range(node, "address", address);
        if (!range) return tl::unexpected(range.error());
        endpoint.addresses.push_back(*range);
        parts.push_back(address);
    }
    endpoint.negated = node.flag("negate");
    if (parts.empty() && endpoint.negated)
        return node.refuse("negate", "everybody but nobody: name what is excepted, or leave negate out");
    text = parts.empty() ? "any" : (endpoint.negated ? "not " : "") + joined(parts);
    return endpoint;
}

Result<gateway::Service> read_service(const NodeReader& node, std::string& text) {
    gateway::Service service;
    service.protocol = *parse_ip_protocol(node.text_or("protocol", "any"));
    text = node.text_or("protocol", "any");
    for (const auto& ports : node.texts("port")) {
        const auto range = read_ports(node, "port", ports);
        if (!range) return tl::unexpected(range.error());
        service.destination_ports.push_back(*range);
    }
    for (const auto& ports : node.texts("source-port")) {
        const auto range = read_ports(node, "source-port", ports);
        if (!range) return tl::unexpected(range.error());
        service.source_ports.push_back(*range);
    }
    if (!service.destination_ports.empty()) text += " " + joined(node.texts("port"));
    if (!service.source_ports.empty()) text += " from " + joined(node.texts("source-port"));
    if (const auto type = node.number("icmp-type")) {
        service.icmp_type = static_cast<std::uint8_t>(*type);
        text += " type " + std::to_string(*type);
    }
    return service;
}

gateway::FirewallAction action_named(const std::string& name) {
    if (name == "accept") return gateway::FirewallAction::accept;
    return name == "reject" ? gateway::FirewallAction::reject : gateway::FirewallAction::drop;
}

// What the gateway itself answers is a rule that everybody can see.
FirewallRule echo_rule(const Ruleset& ruleset) {
    FirewallRule rule;
    rule.id = gateway::kFirstAssignedFirewallRule;
    rule.origin = gateway::RuleOrigin::automatic;
    rule.destination.gateway_itself = true;
    rule.services.push_back({IpProtocol::icmp, {}, {}, kEchoRequest});
    rule.action = gateway::FirewallAction::accept;
    const bool internal = ruleset.icmp.answer_echo == gateway::EchoAnswer::internal;
    if (internal) rule.source.interfaces = *interfaces_named(ruleset, "internal");
    rule.text = {"auto: ping of the gateway", internal ? "internal" : "any", "vse", "icmp type 8"};
    return rule;
}

FirewallRule default_rule(gateway::FirewallAction action) {
    FirewallRule rule;
    rule.id = gateway::kDefaultFirewallRule;
    rule.origin = gateway::RuleOrigin::default_rule;
    rule.action = action;
    rule.text = {"default", "any", "any", "any"};
    return rule;
}

Result<FirewallRule> read_firewall_rule(const NodeReader& node, const Ruleset& ruleset, gateway::MatchTuple usual) {
    FirewallRule rule;
    rule.id = static_cast<gateway::RuleId>(*node.number("id"));
    rule.text.name = node.text_or("name", "");
    rule.enabled = node.flag("enabled");
    rule.action = action_named(node.text_or("action", "drop"));
    rule.match = !node.text("match-translated")  ? usual
                 : node.flag("match-translated") ? gateway::MatchTuple::translated
                                                 : gateway::MatchTuple::original;
    auto source = read_endpoint(node.child("source"), ruleset, rule.text.source);
    if (!source) return tl::unexpected(source.error());
    auto destination = read_endpoint(node.child("destination"), ruleset, rule.text.destination);
    if (!destination) return tl::unexpected(destination.error());
    rule.source = std::move(*source);
    rule.destination = std::move(*destination);
    for (const NodeReader& entry : node.children("service")) {
        std::string text;
        auto service = read_service(entry, text);
        if (!service) return tl::unexpected(service.error());
        rule.services.push_back(std::move(*service));
        rule.text.service += (rule.text.service.empty() ? "" : "; ") + text;
    }
    if (rule.services.empty()) rule.text.service = "any";
    return rule;
}

Result<void> compile_firewall(const NodeReader& node, Ruleset& ruleset) {
    ruleset.firewall_enabled = node.flag("enabled");
    const auto usual =
        node.text("match-address") == "translated" ? gateway::MatchTuple::translated : gateway::MatchTuple::original;
    if (ruleset.icmp.answer_echo != gateway::EchoAnswer::nobody) ruleset.firewall.push_back(echo_rule(ruleset));
    for (const NodeReader& entry : node.children("rule")) {
        auto rule = read_firewall_rule(entry, ruleset, usual);
        if (!rule) return tl::unexpected(rule.error());
        ruleset.firewall.push_back(std::move(*rule));
    }
    ruleset.firewall.push_back(default_rule(action_named(node.text_or("default-action", "drop"))));
    return {};
}

NatAction nat_action_named(const std::string& name) {
    if (name == "snat") return NatAction::snat;
    if (name == "dnat") return NatAction::dnat;
    return name == "no-snat" ? NatAction::no_snat : NatAction::no_dnat;
}

// What a rule does must be possible: a target for a translation, ranges that map, no masquerade of a destination.
Result<void> check_translation(const NodeReader& node, const NatRule& rule) {
    const bool translates = rule.action == NatAction::snat || rule.action == NatAction::dnat;
    if (!translates) {
        if (node.text("translated-address") || node.text("translated-port"))
            return node.refuse("action",
                               "a no-snat or no-dnat rule translates nothing: leave translated-address and translated-port out");
        return {};
    }
    if (!rule.translated_address && !rule.translated_port && !rule.masquerade)
        return node.refuse("translated-address", "a rule that translates wants translated-address, translated-port, or both");
    if (rule.masquerade && rule.action != NatAction::snat)
        return node.refuse("translated-address", "only the source can become the interface's address: dnat wants an address");
    if (rule.action == NatAction::snat) return {};
    const auto maps = [](const auto& original, const auto& translated) {
        return !translated || translated->single() || (original && original->span() == translated->span());
    };
    if (!maps(rule.original_address, rule.translated_address))
        return node.refuse("translated-address", "of dnat the ranges must be equally long, or the target a single address");
    if (!maps(rule.original_port, rule.translated_port))
        return node.refuse("translated-port", "of dnat the ranges must be equally long, or the target a single port");
    return {};
}

Result<NatRule> read_nat_rule(const NodeReader& node, const Ruleset& ruleset) {
    NatRule rule;
    rule.id = static_cast<gateway::RuleId>(*node.number("id"));
    rule.action = nat_action_named(node.text_or("action", ""));
    rule.enabled = node.flag("enabled");
    rule.protocol = *parse_ip_protocol(node.text_or("protocol", "any"));
    const std::string applied_on = node.text_or("applied-on", "any");
    const auto interfaces = interfaces_named(ruleset, applied_on);
    if (!interfaces) return node.refuse("applied-on", unknown_interface(ruleset, applied_on));
    rule.applied_on = *interfaces;
    if (const auto type = node.number("icmp-type")) rule.icmp_type = static_cast<std::uint8_t>(*type);

    const auto original = node.text("original-address"), translated = node.text("translated-address");
    const auto original_port = node.text("original-port"), translated_port = node.text("translated-port");
    rule.masquerade = translated == "interface";
    const auto read_address = [&](const char* leaf, const std::optional<std::string>& text,
                                  std::optional<AddressRange>& into) -> Result<void> {
        if (!text || (rule.masquerade && text == translated)) return {};
        const auto range = read_range(node, leaf, *text);
        if (!range) return tl::unexpected(range.error());
        into = *range;
        return {};
    };
    const auto read_port = [&](const char* leaf, const std::optional<std::string>& text,
                               std::optional<PortRange>& into) -> Result<void> {
        if (!text) return {};
        const auto range = read_ports(node, leaf, *text);
        if (!range) return tl::unexpected(range.error());
        into = *range;
        return {};
    };
    for (auto done : {read_address("original-address", original, rule.original_address),
                      read_address("translated-address", translated, rule.translated_address),
                      read_port("original-port", original_port, rule.original_port),
                      read_port("translated-port", translated_port, rule.translated_port)})
        if (!done) return tl::unexpected(done.error());
    for (const char* leaf : {"source-address", "destination-address"})
        for (const auto& text : node.texts(leaf)) {
            const auto range = read_range(node, leaf, text);
            if (!range) return tl::unexpected(range.error());
            rule.peer_addresses.push_back(*range);
        }
    if (auto good = check_translation(node, rule); !good) return tl::unexpected(good.error());

    const auto endpoint = [](const std::optional<std::string>& address, const std::optional<std::string>& port) {
        return address.value_or(port ? "*" : "any") + (port ? ":" + *port : "");
    };
    const bool translates = rule.action == NatAction::snat || rule.action == NatAction::dnat;
    rule.text = {node.text_or("description", ""), applied_on, endpoint(original, original_port),
                 translates ? endpoint(translated ? translated : original, translated_port) : "unchanged"};
    return rule;
}

// NAT that uses an address which is not the gateway's: replies, or requests, would never come here.
void warn_about_addresses(const NodeReader& node, const NatRule& rule, const Ruleset& ruleset,
                          std::vector<std::string>& warnings) {
    const auto& [range, leaf] = rule.action == NatAction::dnat ? std::pair{rule.original_address, "original-address"}
                                                               : std::pair{rule.translated_address, "translated-address"};
    const bool translates = rule.action == NatAction::snat || rule.action == NatAction::dnat;
    if (!translates || !range || !range->single() || ruleset.owns(range->first)) return;
    warnings.push_back(fmt::format("{}: {} is no address of the gateway", node.path(leaf), range->first.to_string()));
}

}  // namespace

Result<void> compile_rules(const NodeReader& node, Ruleset& ruleset, std::vector<std::string>& warnings) {
    if (!node) {
        ruleset.firewall.push_back(default_rule(gateway::FirewallAction::drop));
        return {};
    }
    if (auto done = compile_firewall(node.child("firewall"), ruleset); !done) return done;
    for (const NodeReader& entry : node.child("nat").children("rule")) {
        auto rule = read_nat_rule(entry, ruleset);
        if (!rule) return tl::unexpected(rule.error());
        warn_about_addresses(entry, *rule, ruleset, warnings);
        ruleset.nat.push_back(std::move(*rule));
    }
    return {};
}

}  // namespace hairpin::config
