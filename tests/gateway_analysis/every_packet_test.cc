// Whatever analyse() says of random rules, against every packet of a world so small that all can be asked: three interfaces, sixteen
// addresses and one beyond, a handful of ports and protocols. What decides is the datapath's own decide().

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "gateway/analysis/analysis.h"
#include "gateway/decision.h"
#include "gateway/nat/actions.h"
#include "tests/gateway_analysis/findings.h"

namespace hairpin::testing {
namespace {

using namespace gateway;
using Outcome = Decision::Outcome;

// 10.0.0.0 to 10.0.0.15: lan .0/29 with the gateway at .1, dmz .8/30 with .9, wan .12/30 with .13 and the router at .14.
constexpr Ipv4Address kBeyond{20, 0, 0, 1};
constexpr InterfaceId kThisLan{0}, kDmz{1}, kWan{2};
constexpr unsigned kAddresses = 16, kPorts = 4;
Ipv4Address near(unsigned number) { return Ipv4Address{10, 0, 0, static_cast<std::uint8_t>(number)}; }

unsigned below(unsigned end) { return *rc::gen::inRange(0U, end); }
bool once_in(unsigned times) { return below(times) == 0; }

// ---- Random rules ---------------------------------------------------------------------------------------------------------------

AddressRange some_addresses(unsigned end = kAddresses) {
    if (once_in(12)) return {Ipv4Address{0U}, Ipv4Address::broadcast()};
    if (once_in(10)) return {kBeyond, kBeyond};
    const unsigned first = below(end);
    return {near(first), near(once_in(2) ? first : first + below(end - first))};
}
PortRange some_ports() {
    const unsigned first = 1 + below(kPorts);
    return once_in(5) ? ports(1, 65535) : ports(first, once_in(2) ? first : first + below(kPorts + 1 - first));
}
InterfaceSet some_interfaces() { return InterfaceSet{1 + below(7)}; }
IpProtocol some_protocol() {
    constexpr IpProtocol kProtocols[] = {IpProtocol::tcp, IpProtocol::udp, IpProtocol::icmp, IpProtocol::any};
    return kProtocols[below(4)];
}

Endpoint some_endpoint() {
    Endpoint endpoint;
    if (once_in(3)) return endpoint;
    if (!once_in(3))
        for (unsigned i = 1 + below(2); i > 0; --i) endpoint.addresses.push_back(some_addresses());
    if (once_in(3)) endpoint.interfaces = some_interfaces();
    endpoint.gateway_itself = once_in(8);
    endpoint.negated = once_in(5);
    return endpoint;
}
Service some_service() {
    Service service{some_protocol(), {}, {}, {}};
    const bool ported = service.protocol == IpProtocol::tcp || service.protocol == IpProtocol::udp;
    if (ported && !once_in(3)) service.destination_ports.push_back(some_ports());
    if (ported && once_in(4)) service.source_ports.push_back(some_ports());
    if (!ported && once_in(2)) service.icmp_type = once_in(2) ? 8 : 13;
    return service;
}
FirewallRule some_firewall_rule(RuleId id) {
    FirewallRule rule = firewall_rule(id, static_cast<FirewallAction>(below(3)), some_endpoint(), some_endpoint());
    // A source that is the gateway means packets that nobody is asked about.
    rule.source.gateway_itself = false;
    if (once_in(2))
        for (unsigned i = 1 + below(2); i > 0; --i) rule.services.push_back(some_service());
    rule.match = once_in(2) ? MatchTuple::translated : MatchTuple::original;
    rule.enabled = !once_in(8);
    return rule;
}
void use_targets(NatRule& rule, bool ported) {
    const auto port_for_it = [&]() -> std::optional<PortRange> {
        if (!ported || once_in(2)) return std::nullopt;
        const unsigned span = rule.original_port ? rule.original_port->span() : 0;
        return span < kPorts ? ports(1, 1 + span) : *rule.original_port;
    };
    for (unsigned i = 1 + below(3); i > 0; --i)
        rule.targets.push_back({near(i * 4 + below(4)), port_for_it(), static_cast<std::uint8_t>(below(3))});
    rule.targets.front().weight = 1;
}
NatRule some_nat_rule(RuleId id) {
    NatRule rule;
    rule.id = id;
    rule.action = once_in(6)   ? (once_in(2) ? NatAction::no_snat : NatAction::no_dnat)
                  : once_in(2) ? NatAction::snat
                               : NatAction::dnat;
    rule.enabled = !once_in(8);
    rule.applied_on = some_interfaces();
    rule.protocol = some_protocol();
    const bool ported = rule.protocol == IpProtocol::tcp || rule.protocol == IpProtocol::udp;
    if (!once_in(4)) rule.original_address = some_addresses();
    if (ported && once_in(2)) rule.original_port = some_ports();
    if (rule.protocol == IpProtocol::icmp && once_in(2)) rule.icmp_type = 8;
    if (once_in(4)) rule.peer_addresses.push_back(some_addresses());
    for (unsigned i = ported && once_in(3) ? 1 + below(2) : 0; i > 0; --i) rule.peer_ports.push_back(some_ports());
    if (!row_of(rule.action).translates) return rule;
    if (rule.action == NatAction::dnat && once_in(3))
        rule.firewall_match = once_in(2) ? FirewallMatch::original : FirewallMatch::translated;
    if (rule.action == NatAction::dnat && once_in(3)) return use_targets(rule, ported), rule;
    rule.masquerade = rule.action == NatAction::snat && once_in(3);
    if (!rule.masquerade && !once_in(8)) rule.translated_address = some_addresses(4 + below(12));
    if (!rule.translated_address && !rule.masquerade) rule.translated_port = some_ports();
    // DNAT maps to one, or n to n.
    if (rule.translated_address && rule.original_address && rule.original_address->span() < 5 && once_in(2)) {
        const unsigned first = below(kAddresses - rule.original_address->span());
        rule.translated_address = AddressRange{near(first), near(first + rule.original_address->span())};
    }
    const auto fits = [](const auto& from, const auto& to) { return to->single() || (from && from->span() == to->span()); };
    if (rule.translated_address && !fits(rule.original_address, rule.translated_address))
        rule.translated_address->last = rule.translated_address->first;
    if (rule.action == NatAction::snat && rule.translated_address && once_in(4))
        rule.pool = AddressSet::of({{near(3), near(3)}, *std::exchange(rule.translated_address, std::nullopt)});
    if (ported && once_in(2)) rule.translated_port = some_ports();
    if (rule.translated_port && !fits(rule.original_port, rule.translated_port))
        rule.translated_port->last = rule.translated_port->first;
    return rule;
}

Interface interface_at(const char* name, InterfaceRole role, const char* address) {
    return {name, role, name, {}, MacAddress::from_name(name), 1500, {*Ipv4InterfaceAddress::parse(address)}};
}

Ruleset some_rules() {
    Ruleset rules;
    rules.interfaces = {interface_at("lan", InterfaceRole::internal, "10.0.0.1/29"),
                        interface_at("dmz", InterfaceRole::internal, "10.0.0.9/30"),
                        interface_at("wan", InterfaceRole::uplink, "10.0.0.13/30")};
    if (!once_in(4)) rules.routes.push_back({Ipv4Prefix{}, near(14), {}});
    // Rules are compared, whoever sends: without a route back a source would be asked nothing.
    for (Interface& interface : rules.interfaces) interface.source_validation = SourceValidation::off;
    for (RuleId id = 1, end = 1 + below(9); id < end; ++id) rules.firewall.push_back(some_firewall_rule(id));
    rules.firewall.push_back(firewall_rule(kDefaultFirewallRule, static_cast<FirewallAction>(below(2)), anybody(), anybody()));
    rules.firewall.back().origin = RuleOrigin::default_rule;
    for (RuleId id = kFirstAssignedNatRule, end = id + below(7); id < end; ++id) rules.nat.push_back(some_nat_rule(id));
    return rules;
}

// ---- What every packet says -------------------------------------------------------------------------------------------------------

struct Translations {
    bool used = false, asked = false, accepted = false, half = false;
};
struct Count {
    std::set<RuleId> deciding;                                   // firewall rules
    std::map<RuleId, std::map<Ipv4Address, Translations>> dnat;  // by target, where there are any
    std::map<RuleId, Translations> snat;
};

bool is_station(const Ipv4InterfaceAddress& own, Ipv4Address address) {
    return own.subnet.contains(address) && address != own.address && address != own.subnet.first() &&
           address != own.subnet.last();
}
bool is_broadcast(const Ruleset& rules, Ipv4Address address) {
    return std::any_of(rules.interfaces.begin(), rules.interfaces.end(), [&](const Interface& interface) {
        return interface.addresses.front().subnet.directed_broadcast() == address;
    });
}
bool share_a_subnet(const Interface& interface, Ipv4Address one, Ipv4Address other) {
    return is_station(interface.addresses.front(), one) && is_station(interface.addresses.front(), other);
}
const NatRule& nat_rule(const Ruleset& rules, RuleId id) {
    return *std::find_if(rules.nat.begin(), rules.nat.end(), [&](const NatRule& rule) { return rule.id == id; });
}
bool hides_source(const NatRule* rule) {
    return rule != nullptr && rule->action == NatAction::snat &&
           (rule->masquerade || rule->translated_address || !rule->pool.empty());
}

template <class Visit>
void for_every_packet(Visit&& visit) {
    struct Kind {
        IpProtocol protocol;
        std::optional<std::uint8_t> icmp_type;
    };
    const Kind kinds[] = {{IpProtocol::tcp, {}}, {IpProtocol::udp, {}},  {IpProtocol::gre, {}},
                          {IpProtocol::icmp, 8}, {IpProtocol::icmp, 13}, {IpProtocol::icmp, 15}};
    std::vector<Ipv4Address> addresses{kBeyond, Ipv4Address{21, 0, 0, 1}};
    for (unsigned i = 0; i < kAddresses; ++i) addresses.push_back(near(i));
    for (const Kind& kind : kinds)
        for (const Ipv4Address source : addresses)
            for (const Ipv4Address destination : addresses)
                for (std::uint16_t from = 0; from <= kPorts + 1; from += 1)
                    for (std::uint16_t to = 0; to <= kPorts + 1; ++to)
                        for (const InterfaceId inbound : {kThisLan, kDmz, kWan})
                            visit(FirstPacket{
                                {source, destination, L4Port{from}, L4Port{to}, kind.protocol}, inbound, kind.icmp_type});
}

// Once for each target that a packet's client might get, by one secret or another.
template <class Visit>
void for_every_way(const Ruleset& rules, Visit&& visit) {
    for_every_packet([&](FirstPacket packet) {
        const NatRule* rule = find_destination_rule(rules, {packet.key, packet.icmp_type}, packet.inbound);
        if (rule == nullptr || rule->targets.empty()) return visit(packet);
        for (const NatTarget& target : rule->targets) {
            packet.target = target.address;
            if (target.weight > 0) visit(packet);
        }
    });
}

Count count_of(const Ruleset& rules) {
    const RouteTable routes{rules};
    Count count;
    for_every_way(rules, [&](const FirstPacket& packet) {
        // Which rule would see it where it leaves, if it came out of DNAT like this.
        const auto* route = routes.find(packet.key.destination);
        const bool leaves = !rules.owns(packet.key.destination) && !is_broadcast(rules, packet.key.destination);
        if (leaves && route != nullptr)
            if (const NatRule* rule = find_source_rule(rules, {packet.key, packet.icmp_type}, route->interface))
                count.snat[rule->id].used = true;

        const Decision decision = decide(rules, routes, packet, nullptr);
        const bool asked = decision.firewall_rule != kNoRule;
        const bool accepted = asked && decision.outcome != Outcome::denied && decision.outcome != Outcome::rejected;
        if (asked) count.deciding.insert(decision.firewall_rule);
        const NatRule* snat = nullptr;
        if (asked && !rules.owns(decision.after_dnat.destination))
            snat = find_source_rule(rules, {decision.after_dnat, packet.icmp_type}, decision.outbound);
        if (snat != nullptr) {
            count.snat[snat->id].asked = true;
            if (accepted) count.snat[snat->id].accepted = true;
        }
        if (decision.dnat_rule == kNoRule) return;
        Translations& dnat = count.dnat[decision.dnat_rule][packet.target.value_or(Ipv4Address{})];
        dnat.used = true;
        dnat.asked = dnat.asked || asked;
        dnat.accepted = dnat.accepted || accepted;
        const bool turns =
            accepted && row_of(nat_rule(rules, decision.dnat_rule).action).translates &&
            !rules.owns(decision.after_dnat.destination) && decision.outbound == packet.inbound &&
            share_a_subnet(rules.interfaces[index_of(packet.inbound)], packet.key.source, decision.after_dnat.destination);
        if (turns && !hides_source(snat)) dnat.half = true;
    });
    return count;
}

// ---- The comparison ---------------------------------------------------------------------------------------------------------------

bool says(const std::vector<Finding>& findings, const FindingKind& kind, RuleId rule) {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.kind == kind.name && finding.rule == rule; });
}

RC_GTEST_PROP(EveryPacket, SaysTheSame, ()) {
    const Ruleset rules = some_rules();
    const std::vector<Finding> findings = analyse(rules);
    const Count count = count_of(rules);
    for (const Finding& finding : findings) RC_LOG() << finding.kind << ": " << finding.text << "\n";

    for (const Finding& finding : findings) RC_ASSERT(finding.kind != kNotDetermined.name);
    std::size_t shadowed = 0, unreachable = 0, refused = 0, half = 0, shared = 0;
    for (const FirewallRule& rule : rules.firewall) {
        if (rule.origin != RuleOrigin::user || !rule.enabled) {
            RC_ASSERT(!says(findings, kShadowed, rule.id));
            continue;
        }
        RC_LOG() << "rule " << rule.id << "\n";
        RC_ASSERT(says(findings, kShadowed, rule.id) == !count.deciding.contains(rule.id));
        shadowed += !count.deciding.contains(rule.id);
    }
    for (const NatRule& rule : rules.nat) {
        const bool destination = row_of(rule.action).side == NatSide::destination;
        std::vector<Translations> ways;
        if (const auto found = count.dnat.find(rule.id); found != count.dnat.end())
            for (const auto& [target, way] : found->second) ways.push_back(way);
        if (const auto found = count.snat.find(rule.id); found != count.snat.end()) ways.push_back(found->second);
        if (ways.empty()) ways.emplace_back();
        const auto some = [&](auto&& is_meant) { return std::any_of(ways.begin(), ways.end(), is_meant); };
        const bool used = some([](const Translations& way) { return way.used; });
        const bool refusal = some([](const Translations& way) { return way.asked && !way.accepted; });
        const bool astray = some([](const Translations& way) { return way.used && !way.asked; });
        const bool turning = some([](const Translations& way) { return way.half; });
        RC_LOG() << "NAT rule " << rule.id << "\n";
        RC_ASSERT(says(findings, kUnreachableNat, rule.id) == (rule.enabled && !used));
        const bool translates = rule.enabled && row_of(rule.action).translates;
        RC_ASSERT(says(findings, kNatWithoutFirewall, rule.id) == (translates && refusal));
        RC_ASSERT(says(findings, kNatWithoutRoute, rule.id) == (translates && destination && astray));
        RC_ASSERT(says(findings, kHalfHairpin, rule.id) == turning);
        unreachable += rule.enabled && !used;
        refused += translates && refusal;
        half += turning;
        shared += rule.enabled && rule.targets.size() > 1;
    }
    RC_CLASSIFY(shadowed > 0, "a firewall rule never matches");
    RC_CLASSIFY(unreachable > 0, "a NAT rule never matches");
    RC_CLASSIFY(refused > 0, "NAT without firewall");
    RC_CLASSIFY(half > 0, "half a hairpin");
    RC_CLASSIFY(shared > 0, "several targets");
}

}  // namespace
}  // namespace hairpin::testing
