#include "gateway/nat/translate.h"

#include <algorithm>

#include "gateway/rule_index.h"

namespace hairpin::gateway {

namespace {

// The half of a key that a rule's original address and port are compared with, and the other one.
struct Sides {
    Ipv4Address own, peer;
    L4Port own_port;
};
Sides sides_of(const Ipv4FlowKey& key, NatSide side) {
    if (side == NatSide::destination) return {key.destination, key.source, key.destination_port};
    return {key.source, key.destination, key.source_port};
}

bool matches(const NatRule& rule, const NatQuestion& question, NatSide side) {
    const Sides sides = sides_of(question.key, side);
    if (rule.protocol != IpProtocol::any && rule.protocol != question.key.protocol) return false;
    if (rule.icmp_type && rule.icmp_type != question.icmp_type) return false;
    if (rule.original_address && !rule.original_address->contains(sides.own)) return false;
    if (rule.original_port && !rule.original_port->contains(sides.own_port)) return false;
    if (!rule.original_parts.empty() && std::none_of(rule.original_parts.begin(), rule.original_parts.end(),
                                                     [&](const AddressRange& range) { return range.contains(sides.own); }))
        return false;
    return rule.peer_addresses.empty() || std::any_of(rule.peer_addresses.begin(), rule.peer_addresses.end(),
                                                      [&](const AddressRange& range) { return range.contains(sides.peer); });
}

bool is_asked(const NatRule& rule, InterfaceId interface, NatSide side) {
    return rule.enabled && row_of(rule.action).side == side && rule.applied_on.test(index_of(interface));
}

const NatRule* first_match(const Ruleset& ruleset, const NatQuestion& question, InterfaceId interface, NatSide side) {
    const RuleIndex* index = ruleset.index.get();
    if (index != nullptr && index->nat(side) != nullptr) return index->nat(side)->find(ruleset.nat, question, interface);
    for (const NatRule& rule : ruleset.nat)
        if (matches(rule, question, interface, side)) return &rule;
    return nullptr;
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

}  // namespace

bool matches(const NatRule& rule, const NatQuestion& question, InterfaceId interface, NatSide side) {
    return is_asked(rule, interface, side) && matches(rule, question, side);
}

const NatRule* find_destination_rule(const Ruleset& ruleset, const NatQuestion& question, InterfaceId inbound) {
    return first_match(ruleset, question, inbound, NatSide::destination);
}

const NatRule* find_source_rule(const Ruleset& ruleset, const NatQuestion& question, InterfaceId outbound) {
    return first_match(ruleset, question, outbound, NatSide::source);
}

Ipv4FlowKey translate_destination(const NatRule& rule, const Ipv4FlowKey& key) {
    Ipv4FlowKey to = key;
    if (rule.translated_address) to.destination = mapped(key.destination, rule.original_address, *rule.translated_address);
    // An ICMP identifier is the sender's own and no destination port to forward.
    if (rule.translated_port && key.protocol != IpProtocol::icmp)
        to.destination_port = mapped(key.destination_port, rule.original_port, *rule.translated_port);
    return to;
}

std::optional<SourceChoice> source_choice(const NatRule& rule, const Ipv4FlowKey& key, const Interface& outbound) {
    SourceChoice choice{{key.source, key.source}, rule.translated_port};
    if (rule.masquerade) {
        if (outbound.addresses.empty()) return std::nullopt;
        choice.addresses = {outbound.addresses.front().address, outbound.addresses.front().address};
    } else if (rule.translated_address) {
        const AddressRange& to = *rule.translated_address;
        const bool one_to_one =
            rule.original_parts.empty() && rule.original_address && !to.single() && rule.original_address->span() == to.span();
        const Ipv4Address address = mapped(key.source, rule.original_address, to);
        choice.addresses = one_to_one ? AddressRange{address, address} : to;
    }
    if (rule.translated_port && rule.original_port && !rule.translated_port->single() &&
        rule.original_port->span() == rule.translated_port->span()) {
        const L4Port port = mapped(key.source_port, rule.original_port, *rule.translated_port);
        choice.ports = PortRange{port, port};
    }
    return choice;
}

}  // namespace hairpin::gateway
