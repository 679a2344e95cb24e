#include "gateway/nat/translate.h"

#include "gateway/firewall/ranges.h"
#include "gateway/rule_index.h"

namespace hairpin::gateway {

namespace {

// The half of a key that a rule's original address and port are compared with, and the other one.
struct Sides {
    Ipv4Address own, peer;
    L4Port own_port, peer_port;
};
Sides sides_of(const Ipv4FlowKey& key, NatSide side) {
    if (side == NatSide::destination) return {key.destination, key.source, key.destination_port, key.source_port};
    return {key.source, key.destination, key.source_port, key.destination_port};
}

bool is_original(const NatRule& rule, Ipv4Address address) {
    if (rule.original_address && !rule.original_address->contains(address)) return false;
    return holds_or_any(rule.original_parts, address);
}

bool matches(const NatRule& rule, const NatQuestion& question, NatSide side) {
    const Sides sides = sides_of(question.key, side);
    if (rule.protocol != IpProtocol::any && rule.protocol != question.key.protocol) return false;
    if (rule.icmp_type && rule.icmp_type != question.icmp_type) return false;
    if (!is_original(rule, sides.own)) return false;
    if (rule.original_port && !rule.original_port->contains(sides.own_port)) return false;
    return holds_or_any(rule.peer_ports, sides.peer_port) && holds_or_any(rule.peer_addresses, sides.peer);
}

bool is_asked(const NatRule& rule, InterfaceId interface, NatSide side) {
    return rule.enabled && row_of(rule.action).side == side && rule.applied_on.test(index_of(interface));
}

// The rules that were written have an index; those that hairpin modes derive are few.
const NatRule* first_match(const std::vector<NatRule>& rules, const NatQuestion& question, InterfaceId interface, NatSide side) {
    for (const NatRule& rule : rules)
        if (matches(rule, question, interface, side)) return &rule;
    return nullptr;
}

const NatRule* first_written(const Ruleset& ruleset, const NatQuestion& question, InterfaceId interface, NatSide side) {
    const RuleIndex* index = ruleset.index.get();
    if (index != nullptr && index->nat(side) != nullptr) return index->nat(side)->find(ruleset.nat, question, interface);
    return first_match(ruleset.nat, question, interface, side);
}

// n to n where the ranges are equally long; a single target takes all.
Ipv4Address mapped(Ipv4Address address, const std::optional<AddressRange>& from, const AddressRange& to) {
    if (from && !to.single() && from->span() == to.span())
        return Ipv4Address{to.first.number() + (address.number() - from->first.number())};
    return to.first;
}
L4Port mapped(L4Port port, const std::optional<PortRange>& from, const PortRange& to) {
    if (from && !to.single() && from->span() == to.span())
        return L4Port{static_cast<std::uint16_t>(to.first.number() + (port.number() - from->first.number()))};
    return to.first;
}

// An ICMP identifier is the sender's own and no destination port to forward.
L4Port mapped_destination_port(const NatRule& rule, const Ipv4FlowKey& key, const std::optional<PortRange>& to) {
    if (!to || key.protocol == IpProtocol::icmp) return key.destination_port;
    return mapped(key.destination_port, rule.original_port, *to);
}

}  // namespace

bool matches(const NatRule& rule, const NatQuestion& question, InterfaceId interface, NatSide side) {
    return is_asked(rule, interface, side) && matches(rule, question, side);
}

const NatRule* find_destination_rule(const Ruleset& ruleset, const NatQuestion& question, InterfaceId inbound) {
    const NatRule* const written = first_written(ruleset, question, inbound, NatSide::destination);
    return written != nullptr ? written : first_match(ruleset.derived_nat, question, inbound, NatSide::destination);
}

const NatRule* find_source_rule(const Ruleset& ruleset, const NatQuestion& question, InterfaceId outbound) {
    return first_written(ruleset, question, outbound, NatSide::source);
}

Ipv4FlowKey translate_destination(const NatRule& rule, const Ipv4FlowKey& key) {
    Ipv4FlowKey to = key;
    if (rule.translated_address) to.destination = mapped(key.destination, rule.original_address, *rule.translated_address);
    to.destination_port = mapped_destination_port(rule, key, rule.translated_port);
    return to;
}

Ipv4FlowKey translate_destination(const NatRule& rule, const NatTarget& target, const Ipv4FlowKey& key) {
    Ipv4FlowKey to = key;
    to.destination = target.address;
    to.destination_port = mapped_destination_port(rule, key, target.port);
    return to;
}

std::optional<SourceChoice> source_choice(const NatRule& rule, const Ipv4FlowKey& key, const Interface& outbound) {
    SourceChoice choice{{key.source, key.source}, rule.translated_port};
    choice.mapping = rule.mapping;
    choice.filtering = rule.filtering;
    choice.allocation = rule.port_allocation;
    choice.firewall_match = rule.firewall_match;
    choice.rule = rule.id;
    if (rule.masquerade) {
        if (outbound.addresses.empty()) return std::nullopt;
        choice.addresses = {outbound.addresses.front().address, outbound.addresses.front().address};
    } else if (!rule.pool.empty()) {
        choice.addresses = rule.pool;
    } else if (rule.translated_address) {
        const AddressRange& to = *rule.translated_address;
        const bool one_to_one =
            rule.original_parts.empty() && rule.original_address && rule.original_address->span() == to.span();
        const Ipv4Address address = mapped(key.source, rule.original_address, to);
        choice.addresses = one_to_one ? AddressRange{address, address} : to;
        // Basic NAT (RFC 3022 §2.1): an address for each address, so ports stay.
        if (one_to_one && !rule.translated_port) choice.allocation = PortAllocation::preserve;
    }
    if (rule.translated_port && rule.original_port && !rule.translated_port->single() &&
        rule.original_port->span() == rule.translated_port->span()) {
        const L4Port port = mapped(key.source_port, rule.original_port, *rule.translated_port);
        choice.ports = PortRange{port, port};
    }
    return choice;
}

bool makes(const NatRule& rule, const Mapping& mapping, const Ruleset& ruleset) {
    const Ipv4TransportAddress& inside = mapping.inside;
    if (!is_asked(rule, mapping.outbound, NatSide::source) || !row_of(rule.action).translates || rule.mapping != mapping.mode)
        return false;
    if (rule.protocol != IpProtocol::any && rule.protocol != inside.protocol) return false;
    if (rule.original_port && !rule.original_port->contains(inside.port)) return false;
    if (!is_original(rule, inside.address)) return false;
    const Ipv4FlowKey any_flow{inside.address, {}, inside.port, {}, inside.protocol};
    const auto choice = source_choice(rule, any_flow, ruleset.interfaces[index_of(mapping.outbound)]);
    return choice && choice->allows(mapping.outside.address, mapping.outside.port);
}

}  // namespace hairpin::gateway
