#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"
#include "config/host_addresses.h"
#include "config/rule_matches.h"

namespace hairpin::config {

namespace {

using gateway::AddressRange;
using gateway::NatAction;
using gateway::NatRule;
using gateway::Ruleset;

constexpr auto kNatActions = std::to_array<std::pair<std::string_view, NatAction>>({
    {"snat", NatAction::snat},
    {"dnat", NatAction::dnat},
    {"no-snat", NatAction::no_snat},
    {"no-dnat", NatAction::no_dnat},
});

template <class Mode, std::size_t size>
Mode mode_of(const NodeReader& node, std::string_view leaf, const std::array<gateway::ModeRow<Mode>, size>& rows) {
    const std::string name = node.text(leaf);
    for (const auto& row : rows)
        if (row.name == name) return row.mode;
    unreachable_because("the schema has the table's names");
}
template <class Mode, std::size_t size>
Mode mode_or(const NodeReader& node, std::string_view leaf, const std::array<gateway::ModeRow<Mode>, size>& rows, Mode usual) {
    return node.has(leaf) ? mode_of(node, leaf, rows) : usual;
}

// A destination becomes one address or port, or the one at the same place of a range as long. What is left is a pool, which only a
// source can be taken from.
template <class Range>
bool maps(const std::optional<Range>& original, const std::optional<Range>& translated) {
    return !translated || translated->single() || (original && original->span() == translated->span());
}

void check_ranges(const NodeReader& node, const NatRule& rule) {
    if (rule.action != NatAction::dnat) return;
    if (!rule.original_parts.empty() && rule.translated_address && !rule.translated_address->single())
        return node.refuse(
            "translated-address",
            "a dnat rule whose original-address comes to several ranges wants a single address: which of them would "
            "become which?");
    if (!maps(rule.original_address, rule.translated_address))
        node.refuse("translated-address", "a dnat rule wants a single address, or as many as original-address has");
    if (!maps(rule.original_port, rule.translated_port))
        node.refuse("translated-port", "a dnat rule wants a single port, or as many as original-port has");
}

// A single one may be nobody's as well by the subnet that it lies in; of a network that is translated n to n its first and last are.
std::string wrong_as_host(Ipv4Address address, const Ruleset& ruleset) {
    for (const gateway::Interface& interface : ruleset.interfaces)
        for (const Ipv4InterfaceAddress& own : interface.addresses)
            if (own.subnet.reserves(address))
                return fmt::format("{} is the address of {}'s own subnet, or its broadcast", address.to_string(), interface.name);
    return wrong_as_hosts({{address, address}});
}

// Nothing may be sent to what is no host's address, nor from there.
void check_hosts(const NodeReader& node, const NatRule& rule, const Ruleset& ruleset) {
    const auto refuse_if = [](const NodeReader& where, const char* leaf, std::string wrong) {
        if (!wrong.empty()) where.refuse(leaf, std::move(wrong));
    };
    for (const NodeReader& target : node.children("target"))
        refuse_if(target, "address", wrong_as_host(target.address("address"), ruleset));
    const auto& translated = rule.translated_address;
    if (translated && translated->single())
        return refuse_if(node, "translated-address", wrong_as_host(translated->first, ruleset));
    const gateway::AddressSet sources = rule.sources();
    refuse_if(node, "translated-address", wrong_as_hosts({sources.ranges().begin(), sources.ranges().end()}));
}

void check_that_it_translates(const NodeReader& node, const NatRule& rule) {
    if (rule.action != NatAction::dnat || !rule.translated_address || !rule.original_parts.empty()) return;
    if (rule.translated_address != rule.original_address) return;
    if (rule.translated_port && rule.translated_port != rule.original_port) return;
    node.refuse("translated-address", "that is the original-address, so nothing would be translated: no-dnat leaves it as it is");
}

// A rule that gives out ports by the block wants room for one.
void check_blocks(const NodeReader& node, const NatRule& rule, const gateway::PortBlockSettings& blocks) {
    if (rule.action != NatAction::snat || rule.port_allocation != gateway::PortAllocation::block || !rule.translated_port) return;
    const unsigned first = (rule.translated_port->first.number() + blocks.size - 1U) / blocks.size * blocks.size;
    if (first + blocks.size - 1U > rule.translated_port->last.number())
        node.refuse("translated-port",
                    fmt::format("no whole block of {} ports is in it: one begins at a multiple of {} (port-block size)",
                                blocks.size, blocks.size));
}

// "203.0.113.80:80", "any:80", "192.168.255.0/24", "any"
std::string endpoint_text(const NodeReader& node, std::string_view address, std::string_view port) {
    return node.text_or(address, "any") + (node.has(port) ? ":" + node.text(port) : "");
}

// "192.168.255.10:8080 weight 2, 192.168.255.11"
std::string targets_text(const NodeReader& node) {
    std::vector<std::string> targets;
    for (const NodeReader& target : node.children("target"))
        targets.push_back(endpoint_text(target, "address", "port") +
                          (target.text("weight") == "1" ? "" : " weight " + target.text("weight")));
    return listed(targets);
}

std::string translated_text(const NodeReader& node, NatAction action) {
    if (node.has("target")) return targets_text(node);
    if (action == NatAction::no_snat || action == NatAction::no_dnat) return "unchanged";
    if (!node.has("translated-address")) return "unchanged:" + node.text("translated-port");
    return endpoint_text(node, "translated-address", "translated-port");
}

// "to 198.51.100.0/24, port 25"
std::string peer_text(const NodeReader& node, bool of_snat) {
    const std::string_view address = of_snat ? "destination-address" : "source-address";
    const std::string_view port = of_snat ? "destination-port" : "source-port";
    std::string text;
    if (node.has(address))
        text = (node.flag(of_snat ? "negate-destination" : "negate-source") ? "not " : "") + listed(node.texts(address));
    if (node.has(port)) text += (text.empty() ? "port " : ", port ") + listed(node.texts(port));
    return text.empty() ? text : (of_snat ? "to " : "from ") + text;
}

// Of a rule that names addresses or ports which come to none: no interface asks it.
void match_nothing(NatRule& rule) { rule.applied_on.reset(); }

void read_original_address(const NodeReader& node, GroupReader& groups, NatRule& rule) {
    if (!node.has("original-address")) return;
    auto ranges = groups.addresses(node, "original-address");
    if (node.flag("negate-original")) ranges = all_but(ranges);
    if (ranges.empty()) return match_nothing(rule);
    rule.original_address = AddressRange{ranges.front().first, ranges.back().last};
    if (ranges.size() > 1) rule.original_parts = std::move(ranges);
}

bool is_of_snat(const NatRule& rule) { return rule.action == NatAction::snat || rule.action == NatAction::no_snat; }

void read_peer_addresses(const NodeReader& node, GroupReader& groups, NatRule& rule) {
    const bool of_snat = is_of_snat(rule);
    const char* leaf = of_snat ? "destination-address" : "source-address";
    if (!node.has(leaf)) return;
    rule.peer_addresses = groups.addresses(node, leaf);
    if (node.flag(of_snat ? "negate-destination" : "negate-source")) rule.peer_addresses = all_but(rule.peer_addresses);
    if (rule.peer_addresses.empty()) match_nothing(rule);
}

void read_peer_ports(const NodeReader& node, GroupReader& groups, NatRule& rule) {
    const char* leaf = is_of_snat(rule) ? "destination-port" : "source-port";
    if (!node.has(leaf)) return;
    rule.peer_ports = groups.ports(node, leaf);
    if (rule.peer_ports.empty()) match_nothing(rule);
}

void read_translated_address(const NodeReader& node, GroupReader& groups, NatRule& rule) {
    constexpr const char* kLeaf = "translated-address";
    const std::string text = node.text_or(kLeaf, "");
    rule.masquerade = text == "interface";
    if (rule.masquerade) return;
    if (!is_group_name(text)) return static_cast<void>(rule.translated_address = address_range(node, kLeaf));
    if (rule.action == NatAction::dnat)
        return node.refuse(kLeaf, "only a source can be taken from a group: dnat wants an address");
    const auto ranges = groups.addresses(node, kLeaf);
    // Who matched would keep the source that the rule is there to hide.
    if (ranges.empty()) return node.refuse(kLeaf, "the group comes to no address that a source could be taken from");
    rule.pool = gateway::AddressSet::of(ranges);
}

void read_targets(const NodeReader& node, NatRule& rule) {
    const auto targets = node.children("target");
    for (const NodeReader& target : targets) {
        const auto port = port_range(target, "port");
        if (port && (rule.original_port ? rule.original_port->span() != port->span() : !port->single()))
            target.refuse("port", "a target wants as many ports as original-port has; without any they stay");
        rule.targets.push_back({target.address("address"), port, target.number<std::uint8_t>("weight")});
    }
    const auto is_drained = [](const gateway::NatTarget& target) { return target.weight == 0; };
    if (!targets.empty() && std::ranges::all_of(rule.targets, is_drained))
        targets.front().refuse("weight",
                               "no target has another weight than 0, so no session could begin: disable the rule instead");
    rule.affinity = mode_of(node, "affinity", gateway::kAffinities);
}

NatRule read_rule(const NodeReader& node, const gateway::NatSettings& usual, GroupReader& groups) {
    NatRule rule;
    rule.id = node.number<gateway::RuleId>("id");
    groups.begin_rule("NAT", rule.id);
    rule.action = node.one_of("action", kNatActions);
    rule.enabled = node.flag("enabled");
    rule.log = node.flag("log");
    rule.applied_on = groups.interfaces(node, "applied-on").set;
    rule.protocol = *parse_ip_protocol(node.text("protocol"));
    rule.icmp_type = node.optional_number<std::uint8_t>("icmp-type");
    read_original_address(node, groups, rule);
    rule.original_port = port_range(node, "original-port");
    read_peer_addresses(node, groups, rule);
    read_peer_ports(node, groups, rule);
    read_translated_address(node, groups, rule);
    rule.translated_port = port_range(node, "translated-port");
    read_targets(node, rule);
    rule.mapping = mode_or(node, "mapping", gateway::kMappingModes, usual.mapping);
    rule.filtering = mode_or(node, "filtering", gateway::kFilteringModes, usual.filtering);
    rule.pooling = mode_or(node, "pooling", gateway::kPoolings, usual.pooling);
    rule.idle = rule_timeout(node, {gateway::Service{rule.protocol, {}, {}, {}}});
    rule.port_allocation = mode_or(node, "port-allocation", gateway::kPortAllocations, usual.port_allocation);
    if (rule.action == NatAction::dnat) rule.hairpin = mode_or(node, "hairpin", gateway::kHairpinModes, usual.hairpin);
    rule.firewall_match = mode_or(node, "firewall-match", gateway::kFirewallMatches, gateway::FirewallMatch::as_rules_say);
    const std::string except = node.flag("negate-original") ? "not " : "";
    rule.text = {node.text_or("description", ""), node.text("applied-on"),
                 except + endpoint_text(node, "original-address", "original-port"), translated_text(node, rule.action),
                 peer_text(node, is_of_snat(rule))};
    return rule;
}

}  // namespace

gateway::NatSettings compile_nat_settings(const NodeReader& node) {
    gateway::NatSettings settings;
    settings.port_rest = std::chrono::seconds{node.number<unsigned>("port-rest")};
    settings.ports_per_host = compile_port_quota(node);
    settings.port_blocks = compile_port_blocks(node);
    settings.exhaustion_answer = mode_of(node, "exhaustion-answer", gateway::kExhaustionAnswers);
    settings.pooling = mode_of(node, "pooling", gateway::kPoolings);
    settings.mapping = mode_of(node, "mapping", gateway::kMappingModes);
    settings.filtering = mode_of(node, "filtering", gateway::kFilteringModes);
    settings.port_allocation = mode_of(node, "port-allocation", gateway::kPortAllocations);
    settings.hairpin = mode_of(node, "hairpin", gateway::kHairpinModes);
    return settings;
}

std::vector<NatRule> compile_nat(const NodeReader& node, const Ruleset& ruleset, GroupReader& groups) {
    std::vector<NatRule> rules;
    for (const NodeReader& entry : node.children("rule")) {
        rules.push_back(read_rule(entry, ruleset.nat_settings, groups));
        check_ranges(entry, rules.back());
        check_hosts(entry, rules.back(), ruleset);
        check_that_it_translates(entry, rules.back());
        check_blocks(entry, rules.back(), ruleset.nat_settings.port_blocks);
    }
    return rules;
}

}  // namespace hairpin::config
