// NAT rules: what they match, what they translate to, and what is allowed but warned of.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::NatAction;
using gateway::NatRule;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

NatRule nat_rule_of(json rule) {
    rule["id"] = 65537;
    const auto rules = good(with_nat_rule(rule)).ruleset->nat;
    return rules.empty() ? NatRule{} : rules.back();
}

TEST(NatRules, AppliedOnEverythingUnlessTheySayWhere) {
    EXPECT_EQ(nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}}).applied_on, interfaces({0, 1}));
    EXPECT_EQ(nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}, {"applied-on", "any"}}).applied_on,
              interfaces({0, 1}));
    EXPECT_EQ(nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}, {"applied-on", "external"}}).applied_on,
              interfaces({0}));
    EXPECT_EQ(nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}, {"applied-on", "internal"}}).applied_on,
              interfaces({1}));
}

TEST(NatRules, OnAGroupWithoutMembersAreAskedNowhere) {
    json document =
        with_nat_rule({{"id", 65537}, {"action", "snat"}, {"translated-address", "interface"}, {"applied-on", "internal"}});
    document["hairpin:gateway"]["interface"][1]["role"] = "uplink";
    EXPECT_EQ(good(document).ruleset->nat.back().applied_on, interfaces({}));
}

TEST(NatRules, Masquerade) {
    const auto rule = nat_rule_of({{"action", "snat"}, {"applied-on", "uplink"}, {"translated-address", "interface"}});
    EXPECT_TRUE(rule.masquerade);
    EXPECT_EQ(rule.translated_address, std::nullopt);
    EXPECT_EQ(rule.text.original, "any");
    EXPECT_EQ(rule.text.translated, "interface");
}

TEST(NatRules, ExemptionsTranslateNothing) {
    const auto snat =
        nat_rule_of({{"action", "no-snat"}, {"original-address", "192.168.255.0/24"}, {"destination-address", {"10.0.0.0/8"}}});
    EXPECT_EQ(snat.action, NatAction::no_snat);
    EXPECT_THAT(snat.peer_addresses, ElementsAre(range("10.0.0.0", "10.255.255.255")));
    EXPECT_EQ(snat.text.translated, "unchanged");
    const auto dnat = nat_rule_of(
        {{"action", "no-dnat"}, {"original-address", "203.0.113.80"}, {"source-address", {"10.0.0.1", "10.0.0.5-10.0.0.9"}}});
    EXPECT_EQ(dnat.action, NatAction::no_dnat);
    EXPECT_THAT(dnat.peer_addresses, ElementsAre(one("10.0.0.1"), range("10.0.0.5", "10.0.0.9")));
}

TEST(NatRules, PortsOfTheOtherSide) {
    const auto snat = nat_rule_of({{"action", "no-snat"},
                                   {"protocol", "tcp"},
                                   {"original-address", "192.168.255.0/24"},
                                   {"destination-address", {"10.0.0.0/8"}},
                                   {"negate-destination", true},
                                   {"destination-port", {"465", "25", "464"}}});
    EXPECT_THAT(snat.peer_ports, ElementsAre(ports(25, 25), ports(464, 465)));
    EXPECT_EQ(snat.text.peer, "to not 10.0.0.0/8, port 465, 25, 464");
    const auto dnat = nat_rule_of(
        {{"action", "dnat"}, {"protocol", "udp"}, {"source-port", {"123"}}, {"translated-address", "192.168.255.10"}});
    EXPECT_THAT(dnat.peer_ports, ElementsAre(ports(123, 123)));
    EXPECT_EQ(dnat.text.peer, "from port 123");
    EXPECT_EQ(nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}}).text.peer, "");
}

TEST(NatRules, RangesOfTheSameLength) {
    const auto rule = nat_rule_of({{"action", "dnat"},
                                   {"protocol", "udp"},
                                   {"original-address", "203.0.113.80"},
                                   {"original-port", "8000-8099"},
                                   {"translated-address", "192.168.255.10"},
                                   {"translated-port", "9000-9099"},
                                   {"enabled", false}});
    EXPECT_FALSE(rule.enabled);
    EXPECT_EQ(rule.original_port, ports(8000, 8099));
    EXPECT_EQ(rule.translated_port, ports(9000, 9099));
    EXPECT_EQ(rule.text.original, "203.0.113.80:8000-8099");
    EXPECT_EQ(rule.text.translated, "192.168.255.10:9000-9099");
    const auto networks =
        nat_rule_of({{"action", "dnat"}, {"original-address", "10.1.0.0/24"}, {"translated-address", "10.2.0.0/24"}});
    EXPECT_EQ(networks.translated_address, range("10.2.0.0", "10.2.0.255"));
}

TEST(NatRules, Targets) {
    const auto rule = nat_rule_of({{"action", "dnat"},
                                   {"protocol", "tcp"},
                                   {"original-address", "203.0.113.80"},
                                   {"original-port", "8000-8009"},
                                   {"target",
                                    {{{"address", "192.168.255.10"}},
                                     {{"address", "192.168.255.11"}, {"port", "9000-9009"}, {"weight", 2}},
                                     {{"address", "192.168.255.12"}, {"weight", 0}}}}});
    EXPECT_THAT(rule.targets, testing::UnorderedElementsAre(gateway::NatTarget{ip("192.168.255.10"), std::nullopt, 1},
                                                            gateway::NatTarget{ip("192.168.255.11"), ports(9000, 9009), 2},
                                                            gateway::NatTarget{ip("192.168.255.12"), std::nullopt, 0}));
    EXPECT_EQ(rule.affinity, gateway::Affinity::source);
    EXPECT_EQ(rule.translated_address, std::nullopt);
    EXPECT_EQ(rule.text.translated, "192.168.255.10, 192.168.255.11:9000-9009 weight 2, 192.168.255.12 weight 0");
    const auto any =
        nat_rule_of({{"action", "dnat"}, {"affinity", "none"}, {"target", json::array({{{"address", "192.168.255.10"}}})}});
    EXPECT_EQ(any.affinity, gateway::Affinity::none);
    EXPECT_THAT(any.targets, testing::SizeIs(1));
}

TEST(NatRules, ManyToOne) {
    EXPECT_EQ(nat_rule_of({{"action", "dnat"}, {"translated-address", "192.168.255.10"}}).translated_address,
              one("192.168.255.10"));
    EXPECT_EQ(nat_rule_of({{"action", "dnat"},
                           {"protocol", "tcp"},
                           {"original-port", "1-100"},
                           {"translated-address", "192.168.255.10"},
                           {"translated-port", "80"}})
                  .translated_port,
              ports(80, 80));
}

TEST(NatRules, APoolOfSources) {
    const auto rule = nat_rule_of({{"action", "snat"},
                                   {"protocol", "udp"},
                                   {"translated-address", "203.0.113.80-203.0.113.83"},
                                   {"translated-port", "4000-4999"}});
    EXPECT_EQ(rule.translated_address, range("203.0.113.80", "203.0.113.83"));
    EXPECT_EQ(rule.translated_port, ports(4000, 4999));
}

TEST(NatRules, OnlyAPort) {
    const auto rule =
        nat_rule_of({{"action", "snat"}, {"protocol", "udp"}, {"original-port", "5060"}, {"translated-port", "5060"}});
    EXPECT_EQ(rule.translated_address, std::nullopt);
    EXPECT_EQ(rule.text.original, "any:5060");
    EXPECT_EQ(rule.text.translated, "unchanged:5060");
}

TEST(NatRules, IcmpType) {
    const auto rule = nat_rule_of({{"action", "dnat"},
                                   {"protocol", "icmp"},
                                   {"icmp-type", 8},
                                   {"original-address", "203.0.113.80"},
                                   {"translated-address", "192.168.255.10"}});
    EXPECT_EQ(rule.protocol, IpProtocol::icmp);
    EXPECT_EQ(rule.icmp_type, 8);
}

TEST(NatRules, PoolingAndTimeoutAreTheRulesOrThoseOfAll) {
    EXPECT_EQ(nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}}).pooling, gateway::Pooling::paired);
    const auto rule =
        nat_rule_of({{"action", "snat"}, {"translated-address", "interface"}, {"pooling", "arbitrary"}, {"timeout", 90}});
    EXPECT_EQ(rule.pooling, gateway::Pooling::arbitrary);
    EXPECT_EQ(rule.idle, std::chrono::seconds{90});
}

// Whose first and last address are the subnet's own and its broadcast.
TEST(NatRules, ANetworkMayBecomeANetwork) {
    EXPECT_TRUE(compiled(with_nat_rule(
        {{"id", 65537}, {"action", "snat"}, {"original-address", "10.1.0.0/24"}, {"translated-address", "203.0.113.0/24"}})));
    EXPECT_TRUE(compiled(with_nat_rule({{"id", 65537},
                                        {"action", "dnat"},
                                        {"protocol", "tcp"},
                                        {"original-address", "203.0.113.80"},
                                        {"original-port", "8080"},
                                        {"translated-address", "203.0.113.80"},
                                        {"translated-port", "81"}})))
        << "of which the port is translated";
}

}  // namespace
}  // namespace hairpin::config
