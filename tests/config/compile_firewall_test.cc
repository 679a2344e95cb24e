// Firewall rules: endpoints, services, groups, and the rules that nobody wrote.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::Endpoint;
using gateway::FirewallAction;
using gateway::FirewallRule;
using gateway::MatchTuple;
using nlohmann::json;
using testing::ElementsAre;

// The rule that is compiled of `rule` in the guide's lab.
FirewallRule firewall_rule_of(json rule) {
    rule["id"] = 50;
    if (!rule.contains("action")) rule["action"] = "accept";
    const auto rules = good(with_firewall_rule(rule)).ruleset->firewall;
    return rules.size() < 2 ? FirewallRule{} : rules[rules.size() - 2];
}

TEST(FirewallRules, EndpointMembersAreAlternatives) {
    const auto rule = firewall_rule_of(
        {{"source", {{"address", {"10.0.0.1", "10.0.2.5-10.0.3.9", "10.0.1.0/24", "10.0.1.7"}}, {"interface", {"lan"}}}},
         {"destination", {{"interface", {"vse", "uplink"}}}}});
    EXPECT_THAT(rule.source.addresses,
                ElementsAre(one("10.0.0.1"), range("10.0.1.0", "10.0.1.255"), range("10.0.2.5", "10.0.3.9")))
        << "sorted, and what overlaps is one";
    EXPECT_EQ(rule.source.interfaces, interfaces({1}));
    EXPECT_FALSE(rule.source.gateway_itself);
    EXPECT_EQ(rule.text.source, "lan, 10.0.0.1, 10.0.2.5-10.0.3.9, 10.0.1.0/24, 10.0.1.7");
    EXPECT_TRUE(rule.destination.gateway_itself);
    EXPECT_EQ(rule.destination.interfaces, interfaces({0}));
    EXPECT_EQ(rule.text.destination, "vse, uplink");
}

TEST(FirewallRules, NegatedEndpoint) {
    const auto rule = firewall_rule_of({{"source", {{"address", {"10.0.0.0/8"}}, {"negate", true}}}});
    EXPECT_TRUE(rule.source.negated);
    EXPECT_EQ(rule.text.source, "not 10.0.0.0/8");
}

TEST(FirewallRules, AnyIsEveryInterfaceAndTheGatewayItself) {
    const auto rule = firewall_rule_of({{"source", {{"interface", {"any"}}}}});
    EXPECT_EQ(rule.source.interfaces, interfaces({0, 1}));
    EXPECT_TRUE(rule.source.gateway_itself);
}

// An empty set of interfaces must not be taken for "any": a rule for the LAN would let the Internet in.
TEST(FirewallRules, AGroupWithoutMembersIsNobody) {
    json document = with_firewall_rule({{"id", 50}, {"source", {{"interface", {"internal"}}}}, {"action", "accept"}});
    document["hairpin:gateway"]["firewall"]["rule"].push_back(
        {{"id", 51}, {"source", {{"interface", {"internal"}}, {"negate", true}}}, {"action", "accept"}});
    document["hairpin:gateway"]["firewall"]["rule"].push_back(
        {{"id", 52}, {"source", {{"interface", {"internal"}}, {"address", {"10.0.0.1"}}}}, {"action", "accept"}});
    document["hairpin:gateway"]["interface"][1]["role"] = "uplink";  // no interface is internal
    document["hairpin:gateway"]["icmp"]["answer-echo"] = "internal";
    const auto rules = good(document).ruleset->firewall;
    ASSERT_EQ(rules.size(), 10u);
    EXPECT_TRUE(nobody(rules[0].source));  // the automatic rule for pings
    EXPECT_TRUE(nobody(rules[3].source));
    EXPECT_TRUE(nobody(rules[6].source));
    EXPECT_EQ(rules[6].text.source, "internal");
    EXPECT_TRUE(everybody(rules[7].source));
    EXPECT_EQ(rules[7].text.source, "not internal");
    EXPECT_FALSE(rules[8].source.any());
    EXPECT_FALSE(rules[8].source.negated);
}

TEST(FirewallRules, Services) {
    const json services = {{{"protocol", "udp"}, {"port", {"53"}}, {"source-port", {"1024-65535"}}},
                           {{"protocol", "icmp"}, {"icmp-type", 0}},
                           {{"protocol", "gre"}},
                           {{"protocol", 89}}};
    const auto rule = firewall_rule_of({{"service", services}});
    ASSERT_EQ(rule.services.size(), 4u);
    EXPECT_EQ(rule.services[0].protocol, IpProtocol::udp);
    EXPECT_THAT(rule.services[0].destination_ports, ElementsAre(ports(53, 53)));
    EXPECT_THAT(rule.services[0].source_ports, ElementsAre(ports(1024, 65535)));
    EXPECT_EQ(rule.services[1].icmp_type, 0);
    EXPECT_EQ(rule.services[2].protocol, IpProtocol::gre);
    EXPECT_EQ(rule.services[3].protocol, static_cast<IpProtocol>(89));
    EXPECT_EQ(rule.text.service, "udp 53 from 1024-65535; icmp type 0; gre; 89");
}

TEST(FirewallRules, ActionsAndWhetherTheyAreEnabled) {
    EXPECT_EQ(firewall_rule_of({{"action", "accept"}}).action, FirewallAction::accept);
    EXPECT_EQ(firewall_rule_of({{"action", "drop"}}).action, FirewallAction::drop);
    EXPECT_EQ(firewall_rule_of({{"action", "reject"}}).reject_with, std::nullopt);
    EXPECT_EQ(firewall_rule_of({{"action", "reject"}, {"reject-with", "tcp-reset"}}).reject_with, gateway::RejectWith::tcp_reset);
    EXPECT_EQ(firewall_rule_of({{"action", "reject"}}).action, FirewallAction::reject);
    EXPECT_TRUE(firewall_rule_of({}).enabled);
    EXPECT_FALSE(firewall_rule_of({{"enabled", false}}).enabled);
    EXPECT_EQ(firewall_rule_of({{"name", "für die Küche"}}).text.name, "für die Küche");
}

TEST(FirewallRules, MatchTranslatedGoesBeforeMatchAddress) {
    EXPECT_EQ(firewall_rule_of({}).match, MatchTuple::original);
    EXPECT_EQ(firewall_rule_of({{"match-translated", true}}).match, MatchTuple::translated);

    json document = with_firewall_rule({{"id", 50}, {"match-translated", false}, {"action", "accept"}});
    document["hairpin:gateway"]["firewall"]["match-address"] = "translated";
    const auto rules = good(document).ruleset->firewall;
    EXPECT_EQ(rules[2].match, MatchTuple::translated);
    EXPECT_EQ(rules[6].match, MatchTuple::original);
}

TEST(FirewallRules, TcpTrackingIsTheirsOrThatOfAll) {
    EXPECT_EQ(firewall_rule_of({}).tcp_tracking, std::nullopt);
    EXPECT_EQ(firewall_rule_of({{"tcp-tracking", "liberal"}}).tcp_tracking, gateway::TcpTracking::liberal);
    EXPECT_FALSE(compiled(with_firewall_rule({{"id", 50}, {"action", "drop"}, {"tcp-tracking", "loose"}})));
}

TEST(FirewallRules, KeepTheOrderTheyAreWrittenIn) {
    json document = guide_lab();
    json& rules = document["hairpin:gateway"]["firewall"]["rule"];
    rules = {{{"id", 9}, {"action", "drop"}}, {{"id", 131075}, {"action", "drop"}}, {{"id", 1}, {"action", "drop"}}};
    std::vector<gateway::RuleId> ids;
    const auto configuration = good(document);
    for (const auto& rule : configuration.ruleset->firewall) ids.push_back(rule.id);
    EXPECT_THAT(ids, ElementsAre(131073, 131074, 9, 131075, 1, 196608));
}

TEST(AutomaticRules, FollowAnswerEcho) {
    json document = guide_lab();
    document["hairpin:gateway"]["icmp"]["answer-echo"] = "internal";
    auto first = good(document).ruleset->firewall.front();
    EXPECT_EQ(first.id, gateway::kEchoFirewallRule);
    EXPECT_EQ(first.source.interfaces, interfaces({1}));
    EXPECT_EQ(first.text.source, "internal");

    document["hairpin:gateway"]["icmp"]["answer-echo"] = "none";
    first = good(document).ruleset->firewall.front();
    EXPECT_EQ(first.id, gateway::kOwnTrafficFirewallRule);
}

TEST(DefaultRule, HasTheDefaultAction) {
    for (const auto& [name, action] :
         {std::pair{"accept", FirewallAction::accept}, {"drop", FirewallAction::drop}, {"reject", FirewallAction::reject}}) {
        json document = guide_lab();
        document["hairpin:gateway"]["firewall"]["default-action"] = name;
        EXPECT_EQ(good(document).ruleset->firewall.back().action, action);
    }
}

TEST(Firewall, ThatIsOffIsWarnedOf) {
    EXPECT_THAT(good(guide_lab()).warnings, testing::IsEmpty());
    json document = guide_lab();
    document["hairpin:gateway"]["firewall"]["enabled"] = false;
    EXPECT_THAT(good(document).warnings,
                testing::ElementsAre("/hairpin:gateway/firewall/enabled: it is false: no rule is asked, everything passes and "
                                     "nothing is translated"));
}

}  // namespace
}  // namespace hairpin::config
