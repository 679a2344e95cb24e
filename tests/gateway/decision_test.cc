#include "gateway/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;
using Outcome = Decision::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr RuleId kSnatUplink = 196609, kDnatUplinkHttp = 196610, kSnatLan = 196612, kDnatLanHttp = 196613, kDnatLanHttps = 196614;
constexpr Ipv4Address kNobody{10, 9, 9, 9};

Ipv4FlowKey flow(IpProtocol protocol, Ipv4Address from, unsigned from_port, Ipv4Address to, unsigned to_port) {
    return {from, to, port(from_port).first, port(to_port).first, protocol};
}
Ipv4FlowKey tcp_flow(Ipv4Address from, unsigned from_port, Ipv4Address to, unsigned to_port) {
    return flow(IpProtocol::tcp, from, from_port, to, to_port);
}
FirstPacket packet(const Ipv4FlowKey& key, InterfaceId inbound) { return {key, inbound, {}}; }
FirstPacket ping(Ipv4Address from, Ipv4Address to, InterfaceId inbound) {
    return {flow(IpProtocol::icmp, from, 7, to, 7), inbound, static_cast<std::uint8_t>(IcmpType::echo_request)};
}
Decision decision_of(const Ruleset& rules, const FirstPacket& first, Tracer* tracer = nullptr) {
    const RouteTable routes{rules};
    return decide(rules, routes, first, tracer);
}
// With the guide's rules, changed.
Decision decided(const FirstPacket& first, const std::function<void(Ruleset&)>& change = {}) {
    Ruleset rules = guide_rules();
    if (change) change(rules);
    return decision_of(rules, first);
}
std::vector<std::string_view> stages_of(const Ruleset& rules, const FirstPacket& first) {
    Tracer tracer;
    decision_of(rules, first, &tracer);
    std::vector<std::string_view> stages;
    for (const TraceStep& step : tracer.steps())
        if (stages.empty() || stages.back() != name_of(step.stage)) stages.push_back(name_of(step.stage));
    return stages;
}
NatRule& nat_rule(Ruleset& rules, RuleId id) {
    return *std::find_if(rules.nat.begin(), rules.nat.end(), [&](const NatRule& rule) { return rule.id == id; });
}

// ---- The guide's rules, row by row --------------------------------------------------------------------------------------------

struct Row {
    const char* name;
    FirstPacket first;
    Outcome outcome;
    RuleId dnat, firewall, snat;
    Ipv4Address destination;  // after DNAT
    InterfaceId outbound{};
    Ipv4Address next_hop{};
    std::optional<Ipv4Address> source{};
};

TEST(Decide, TheGuidesRulesRowByRow) {
    const Row rows[] = {
        {"the hairpin", packet(tcp_flow(kWorkstation, 40000, kExternal, 80), kLan), Outcome::forward, kDnatLanHttp, 3, kSnatLan,
         kWebServer, kLan, kWebServer, kGateway},
        {"the hairpin to the other port", packet(tcp_flow(kWorkstation, 40000, kExternal, 443), kLan), Outcome::forward,
         kDnatLanHttps, 3, kSnatLan, kWebServer, kLan, kWebServer, kGateway},
        {"from outside",
         packet(tcp_flow(kInternet, 50000, kExternal, 80), kUplink),
         Outcome::forward,
         kDnatUplinkHttp,
         4,
         kNoRule,
         kWebServer,
         kLan,
         kWebServer,
         {}},
        {"to the outside", packet(tcp_flow(kWorkstation, 40000, kInternet, 80), kLan), Outcome::forward, kNoRule, 2, kSnatUplink,
         kInternet, kUplink, kRouter, kExternal},
        {"to the router itself", packet(tcp_flow(kWorkstation, 40000, kRouter, 80), kLan), Outcome::forward, kNoRule, 2,
         kSnatUplink, kRouter, kUplink, kRouter, kExternal},
        {"another client than the rule says",
         packet(tcp_flow(kWebServer, 40000, kExternal, 80), kLan),
         Outcome::denied,
         kDnatLanHttp,
         kDefaultFirewallRule,
         kNoRule,
         kWebServer,
         kLan,
         kWebServer,
         {}},
        {"a port that nobody forwards", packet(tcp_flow(kInternet, 50000, kExternal, 81), kUplink), Outcome::denied, kNoRule,
         kDefaultFirewallRule, kNoRule, kExternal},
        {"the inside from outside",
         packet(tcp_flow(kInternet, 50000, kWebServer, 80), kUplink),
         Outcome::denied,
         kNoRule,
         kDefaultFirewallRule,
         kNoRule,
         kWebServer,
         kLan,
         kWebServer,
         {}},
        {"UDP to the forwarded port", packet(flow(IpProtocol::udp, kInternet, 50000, kExternal, 80), kUplink), Outcome::denied,
         kNoRule, kDefaultFirewallRule, kNoRule, kExternal},
        {"a ping of the outside address", ping(kInternet, kExternal, kUplink), Outcome::local, kNoRule, kEchoRule, kNoRule,
         kExternal},
        {"a ping of the inside address", ping(kWorkstation, kGateway, kLan), Outcome::local, kNoRule, kEchoRule, kNoRule,
         kGateway},
        {"a ping of the other side's address", ping(kWorkstation, kExternal, kLan), Outcome::local, kNoRule, kEchoRule, kNoRule,
         kExternal},
        {"a ping to the outside", ping(kWorkstation, kInternet, kLan), Outcome::forward, kNoRule, 2, kSnatUplink, kInternet,
         kUplink, kRouter, kExternal},
        {"a broadcast into the LAN",
         packet(flow(IpProtocol::udp, kInternet, 5, {192, 168, 255, 255}, 9), kUplink),
         Outcome::directed_broadcast,
         kNoRule,
         kNoRule,
         kNoRule,
         {192, 168, 255, 255}},
        {"a broadcast into the other subnet",
         packet(flow(IpProtocol::udp, kWorkstation, 5, {203, 0, 113, 255}, 9), kLan),
         Outcome::directed_broadcast,
         kNoRule,
         kNoRule,
         kNoRule,
         {203, 0, 113, 255}},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        const Decision decision = decided(row.first);
        EXPECT_EQ(decision.outcome, row.outcome);
        EXPECT_EQ(decision.dnat_rule, row.dnat);
        EXPECT_EQ(decision.firewall_rule, row.firewall);
        EXPECT_EQ(decision.snat_rule, row.snat);
        EXPECT_EQ(decision.after_dnat.destination, row.destination);
        EXPECT_EQ(decision.after_dnat.source, row.first.key.source) << "the source is SNAT's, which comes last";
        EXPECT_EQ(decision.outbound, row.outbound);
        EXPECT_EQ(decision.next_hop, row.next_hop);
        EXPECT_EQ(decision.source.has_value(), row.source.has_value());
        if (decision.source && row.source) {
            EXPECT_EQ(decision.source->addresses, (AddressRange{*row.source, *row.source}));
        }
    }
}

// ---- Each stage's way out -----------------------------------------------------------------------------------------------------

const auto kHairpin = packet(tcp_flow(kWorkstation, 40000, kExternal, 80), kLan);
const auto kOutward = packet(tcp_flow(kWorkstation, 40000, kInternet, 80), kLan);

TEST(Decide, WithoutRoute) {
    const Decision decision = decided(kOutward, [](Ruleset& rules) { rules.routes.clear(); });
    EXPECT_EQ(decision.outcome, Outcome::no_route);
    EXPECT_EQ(decision.firewall_rule, kNoRule) << "the firewall is not asked, and counts nothing";
    EXPECT_EQ(decision.snat_rule, kNoRule);
}

TEST(Decide, ARejectingRule) {
    const Decision decision = decided(kOutward, [](Ruleset& rules) { rules.firewall[2].action = FirewallAction::reject; });
    EXPECT_EQ(decision.outcome, Outcome::rejected);
    EXPECT_EQ(decision.firewall_rule, 2u);
    EXPECT_EQ(decision.snat_rule, kNoRule) << "what is refused is not translated";
}

TEST(Decide, ToTheGatewayItselfTheFirewallIsAskedToo) {
    const auto drop_pings = [](Ruleset& rules) { rules.firewall[0].action = FirewallAction::drop; };
    const auto reject_pings = [](Ruleset& rules) { rules.firewall[0].action = FirewallAction::reject; };
    EXPECT_EQ(decided(ping(kInternet, kExternal, kUplink), drop_pings).outcome, Outcome::denied);
    EXPECT_EQ(decided(ping(kInternet, kExternal, kUplink), reject_pings).outcome, Outcome::rejected);
}

TEST(Decide, MasqueradeWithoutAnAddress) {
    const auto masquerade = [](Ruleset& rules) {
        nat_rule(rules, kSnatUplink).translated_address.reset();
        nat_rule(rules, kSnatUplink).masquerade = true;
    };
    const Decision with = decided(kOutward, masquerade);
    EXPECT_EQ(with.outcome, Outcome::forward);
    EXPECT_EQ(with.source->addresses, addresses("203.0.113.80"));
    const Decision without = decided(kOutward, [&](Ruleset& rules) {
        masquerade(rules);
        rules.interfaces[index_of(kUplink)].addresses.clear();
        rules.routes = {{Ipv4Prefix{}, {}, kUplink}};
    });
    EXPECT_EQ(without.outcome, Outcome::no_translation) << "it must not leave with its inside address";
    EXPECT_EQ(without.snat_rule, kSnatUplink);
}

TEST(Decide, AnExemptionTranslatesNothing) {
    const Decision no_snat = decided(kHairpin, [](Ruleset& rules) { nat_rule(rules, kSnatLan).action = NatAction::no_snat; });
    EXPECT_EQ(no_snat.outcome, Outcome::forward);
    EXPECT_EQ(no_snat.snat_rule, kSnatLan);
    EXPECT_EQ(no_snat.source.has_value(), false);

    const Decision no_dnat = decided(kHairpin, [](Ruleset& rules) { nat_rule(rules, kDnatLanHttp).action = NatAction::no_dnat; });
    EXPECT_EQ(no_dnat.dnat_rule, kDnatLanHttp);
    EXPECT_EQ(no_dnat.after_dnat, kHairpin.key);
    EXPECT_EQ(no_dnat.outcome, Outcome::local) << "it is for the gateway itself then";
}

TEST(Decide, WithTheFirewallOffEverythingPassesAndNothingIsTranslated) {
    const auto off = [](Ruleset& rules) { rules.firewall_enabled = false; };
    for (const FirstPacket& first : {kOutward, packet(tcp_flow(kInternet, 50000, kWebServer, 22), kUplink)}) {
        const Decision decision = decided(first, off);
        EXPECT_EQ(decision.outcome, Outcome::forward);
        EXPECT_EQ(decision.after_dnat, first.key);
        EXPECT_EQ(decision.source.has_value(), false);
        EXPECT_EQ(decision.dnat_rule + decision.firewall_rule + decision.snat_rule, kNoRule);
    }
    EXPECT_EQ(decided(kHairpin, off).outcome, Outcome::local);
}

TEST(Decide, WhatDnatMakesOfADestinationIsLookedAtLikeAnyOther) {
    const auto send_to = [](std::string_view target) {
        return [target](Ruleset& rules) { nat_rule(rules, kDnatUplinkHttp).translated_address = addresses(target); };
    };
    const auto from_outside = packet(tcp_flow(kInternet, 50000, kExternal, 80), kUplink);
    EXPECT_EQ(decided(from_outside, send_to("192.168.255.1")).outcome, Outcome::local) << "an address of the gateway";
    EXPECT_EQ(decided(from_outside, send_to("192.168.255.255")).outcome, Outcome::directed_broadcast);
    const Decision elsewhere = decided(from_outside, send_to("10.9.9.9"));
    EXPECT_EQ(elsewhere.outbound, kUplink) << "the route is that of the new destination";
    EXPECT_EQ(elsewhere.next_hop, kRouter);
}

TEST(Decide, TheFirewallComparesTheTupleThatItsRuleNames) {
    const auto only = [](MatchTuple tuple, std::string_view destination) {
        return [tuple, destination](Ruleset& rules) {
            FirewallRule& rule = rules.firewall[3];
            rule.destination = at(destination);
            rule.match = tuple;
        };
    };
    EXPECT_EQ(decided(kHairpin, only(MatchTuple::original, "203.0.113.80")).outcome, Outcome::forward);
    EXPECT_EQ(decided(kHairpin, only(MatchTuple::original, "192.168.255.10")).outcome, Outcome::denied);
    EXPECT_EQ(decided(kHairpin, only(MatchTuple::translated, "192.168.255.10")).outcome, Outcome::forward);
    EXPECT_EQ(decided(kHairpin, only(MatchTuple::translated, "203.0.113.80")).outcome, Outcome::denied);
}

TEST(Decide, SnatComparesTheDestinationThatDnatMade) {
    const auto for_peer = [](std::string_view peer) {
        return [peer](Ruleset& rules) { nat_rule(rules, kSnatLan).peer_addresses = {addresses(peer)}; };
    };
    EXPECT_EQ(decided(kHairpin, for_peer("192.168.255.10")).snat_rule, kSnatLan);
    EXPECT_EQ(decided(kHairpin, for_peer("203.0.113.80")).snat_rule, kNoRule);
}

TEST(Decide, SubnetsWithoutABroadcastAddressHaveNone) {
    const auto point_to_point = [](Ruleset& rules) {
        rules.interfaces[index_of(kLan)].addresses = {*Ipv4InterfaceAddress::parse("192.168.255.2/31")};
    };
    const auto to_its_peer = packet(flow(IpProtocol::udp, kInternet, 5, {192, 168, 255, 3}, 9), kUplink);
    EXPECT_EQ(decided(to_its_peer, point_to_point).outcome, Outcome::denied);
    EXPECT_EQ(decided(to_its_peer, [&](Ruleset& rules) { point_to_point(rules), rules.firewall_enabled = false; }).outcome,
              Outcome::forward);
}

// ---- The trace ----------------------------------------------------------------------------------------------------------------

TEST(DecideTrace, StagesComeInTheOrderOfTheJourney) {
    EXPECT_THAT(stages_of(guide_rules(), kHairpin), ElementsAre("dnat", "route", "firewall", "snat"));
    EXPECT_THAT(stages_of(guide_rules(), ping(kInternet, kExternal, kUplink)), ElementsAre("dnat", "local", "firewall"));
    EXPECT_THAT(stages_of(guide_rules(), packet(tcp_flow(kInternet, 50000, kWebServer, 80), kUplink)),
                ElementsAre("dnat", "route", "firewall"));
    Ruleset without_route = guide_rules();
    without_route.routes.clear();
    EXPECT_THAT(stages_of(without_route, kOutward), ElementsAre("dnat", "route"));
}

TEST(DecideTrace, TheFirewallSaysWhyItPassedRulesOver) {
    const Ruleset rules = guide_rules();
    Tracer tracer;
    decision_of(rules, packet(tcp_flow(kWorkstation, 40000, kExternal, 81), kLan), &tracer);
    std::vector<std::string> texts;
    for (const TraceStep& step : tracer.steps())
        if (step.stage == TraceStage::firewall) texts.push_back(step.text);
    ASSERT_EQ(texts.size(), 6u) << "each rule, and the default that decides";
    EXPECT_THAT(texts[1], HasSubstr("passed over: source 192.168.255.2 by lan, wants "));
    EXPECT_THAT(texts[2], HasSubstr("passed over: destination "));
    EXPECT_THAT(texts[3], HasSubstr("passed over: service "));
    EXPECT_THAT(texts[5], HasSubstr("drop"));
}

// ---- Properties ---------------------------------------------------------------------------------------------------------------

FirstPacket any_packet() {
    const auto any_address = [] {
        return *rc::gen::element(kWorkstation, kWebServer, kGateway, kExternal, kRouter, kInternet, kNobody,
                                 Ipv4Address{192, 168, 255, 255}, Ipv4Address{203, 0, 113, 255});
    };
    const auto any_port = [] { return *rc::gen::element(80u, 443u, 53u, 40000u); };
    const auto inbound = *rc::gen::element(kUplink, kLan);
    if (*rc::gen::inRange(0, 4) == 0) return ping(any_address(), any_address(), inbound);
    const auto protocol = *rc::gen::element(IpProtocol::tcp, IpProtocol::udp);
    return packet(flow(protocol, any_address(), any_port(), any_address(), any_port()), inbound);
}
// The guide's rules with some of them disabled, and perhaps without a way out.
Ruleset any_rules() {
    Ruleset rules = guide_rules();
    for (std::size_t i = 0; i + 1 < rules.firewall.size(); ++i) rules.firewall[i].enabled = *rc::gen::arbitrary<bool>();
    for (NatRule& rule : rules.nat) rule.enabled = *rc::gen::arbitrary<bool>();
    for (FirewallRule& rule : rules.firewall)
        rule.action = *rc::gen::element(FirewallAction::accept, FirewallAction::drop, FirewallAction::reject);
    rules.firewall_enabled = *rc::gen::weightedElement<bool>({{4, true}, {1, false}});
    if (*rc::gen::inRange(0, 4) == 0) rules.routes.clear();
    return rules;
}
std::string described(const Decision& decision) {
    std::string text = std::to_string(static_cast<int>(decision.outcome)) + " " + std::to_string(decision.firewall_rule) + " " +
                       std::to_string(decision.dnat_rule) + " " + std::to_string(decision.snat_rule) + " " +
                       decision.after_dnat.to_string() + " " + std::to_string(index_of(decision.outbound)) + " " +
                       decision.next_hop.to_string();
    if (decision.source)
        for (const AddressRange& range : decision.source->addresses.ranges())
            text += " " + range.first.to_string() + "-" + range.last.to_string();
    return text;
}

// The tracer's first promise: to listen changes nothing. And decide() remembers nothing: asked again it says the same.
RC_GTEST_PROP(Decide, DecidesTheSameWhetherSomebodyListensOrNot, ()) {
    const Ruleset rules = any_rules();
    const RouteTable routes{rules};
    const FirstPacket first = any_packet();
    Tracer tracer;
    const std::string quiet = described(decide(rules, routes, first, nullptr));
    RC_ASSERT(described(decide(rules, routes, first, &tracer)) == quiet);
    RC_ASSERT(described(decide(rules, routes, first, nullptr)) == quiet);
    RC_ASSERT(!tracer.steps().empty());
}

RC_GTEST_PROP(Decide, EveryOutcomeKeepsItsWord, ()) {
    const Ruleset rules = any_rules();
    const FirstPacket first = any_packet();
    const Decision decision = decision_of(rules, first);
    const Ipv4Address destination = decision.after_dnat.destination;
    switch (decision.outcome) {
        case Outcome::forward:
            RC_ASSERT(!rules.owns(destination));
            RC_ASSERT(destination != Ipv4Address(192, 168, 255, 255) && destination != Ipv4Address(203, 0, 113, 255));
            break;
        case Outcome::local: RC_ASSERT(rules.owns(destination) && !decision.source); break;
        case Outcome::no_route: RC_ASSERT(rules.routes.empty() && decision.firewall_rule == kNoRule); break;
        case Outcome::denied:
        case Outcome::rejected: RC_ASSERT(rules.firewall_enabled && decision.snat_rule == kNoRule && !decision.source); break;
        case Outcome::no_translation: RC_FAIL("the guide's rules always name an address");
        case Outcome::directed_broadcast: RC_ASSERT(decision.firewall_rule == kNoRule); break;
        case Outcome::filtered: RC_FAIL("there is no mapping");
        case Outcome::spoofed: RC_ASSERT(rules.routes.empty() && decision.dnat_rule == kNoRule); break;
        case Outcome::link_local: RC_FAIL("no packet here is from or to a link-local address");
    }
    // Rules that are disabled decide nothing, and a switched-off firewall decides nothing at all.
    for (const NatRule& rule : rules.nat)
        if (!rule.enabled) RC_ASSERT(decision.dnat_rule != rule.id && decision.snat_rule != rule.id);
    for (const FirewallRule& rule : rules.firewall)
        if (!rule.enabled) RC_ASSERT(decision.firewall_rule != rule.id);
    if (!rules.firewall_enabled) RC_ASSERT(decision.dnat_rule + decision.firewall_rule + decision.snat_rule == kNoRule);
    RC_ASSERT((decision.snat_rule == kNoRule) == !decision.source);
}

}  // namespace
}  // namespace hairpin::testing
