// NAT rules whose turn never comes, those that the firewall makes useless, and hairpins of one half: in the guide's lab, sentence by
// sentence.

#include "tests/gateway_analysis/findings.h"

namespace hairpin::testing {
namespace {

using namespace gateway;
using ::testing::_;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr RuleId kNewNatRule = 65537;
constexpr RuleId kSnatUplink = 196609, kDnatUplinkHttp = 196610, kSnatLan = 196612, kDnatLanHttp = 196613, kDnatLanHttps = 196614;

std::vector<Finding> found_with_rule(NatRule rule) {
    return found_with([&](Ruleset& rules) { rules.nat.push_back(std::move(rule)); });
}
NatRule& nat_rule(Ruleset& rules, RuleId id) {
    return *std::find_if(rules.nat.begin(), rules.nat.end(), [&](const NatRule& rule) { return rule.id == id; });
}
NatRule forward(RuleId id, InterfaceId interface, unsigned number, const char* to = "192.168.255.10") {
    return dnat(id, on({interface}), IpProtocol::tcp, "203.0.113.80", port(number), to, port(number));
}

::testing::Matcher<const Finding&> AboutTheNewOne() { return ::testing::Field("rule", &Finding::rule, kNewNatRule); }

// ---- unreachable-nat ----------------------------------------------------------------------------------------------------------

TEST(UnreachableNat, OfTwoForwardsOfOnePortTheFirstDecides) {
    EXPECT_THAT(
        found_with_rule(forward(kNewNatRule, kUplink, 80, "192.168.255.2")),
        ElementsAre(Says(kUnreachableNat, kNewNatRule, "NAT rule 65537 can never match: rule 196610 takes everything it would")));
    EXPECT_THAT(found_with_rule(forward(kNewNatRule, kUplink, 81, "192.168.255.2")), Not(Contains(Says(kUnreachableNat, _))));
}

TEST(UnreachableNat, SeveralTakeItTogetherAndAreCalledByTheirDescription) {
    const auto found = found_with([](Ruleset& rules) {
        nat_rule(rules, kSnatUplink).text.description = "everybody";
        NatRule rule = snat(kNewNatRule, on({kUplink, kLan}), "192.168.255.0/25", "203.0.113.80");
        rule.text.description = "half of them";
        rules.nat.push_back(rule);
    });
    EXPECT_THAT(found, ElementsAre(Says(kUnreachableNat, kNewNatRule,
                                        "NAT rule 65537 \"half of them\" can never match: rules 196609 \"everybody\" and 196612 "
                                        "together take everything it would")));
}

TEST(UnreachableNat, AnExemptionTakesToo) {
    NatRule exempt = forward(kNewNatRule, kUplink, 80);
    exempt.action = NatAction::no_dnat;
    exempt.translated_address.reset(), exempt.translated_port.reset();
    EXPECT_THAT(found_with_rule(exempt), ElementsAre(Says(kUnreachableNat, kNewNatRule)));
    const auto found = found_with([&](Ruleset& rules) { rules.nat.insert(rules.nat.begin(), exempt); });
    EXPECT_THAT(found, ElementsAre(Says(kUnreachableNat, kDnatUplinkHttp, HasSubstr("rule 65537"))));
}

TEST(UnreachableNat, SourceAndDestinationRulesAreInNobodysWay) {
    EXPECT_THAT(found_with_rule(snat(kNewNatRule, on({kUplink}), "192.168.254.0/24", "203.0.113.80")),
                Not(Contains(Says(kUnreachableNat, kNewNatRule))));
}

TEST(UnreachableNat, WhatIsForElsewhereDoesNotLeaveHere) {
    NatRule rule = snat(kNewNatRule, on({kUplink}), "192.168.254.0/24", "203.0.113.80");
    rule.peer_addresses = {addresses("192.168.255.10")};
    rule.text.applied_on = "uplink";
    EXPECT_THAT(found_with_rule(rule),
                ElementsAre(Says(kUnreachableNat, kNewNatRule, EndsWith("no packet that it is for leaves by \"uplink\""))));
}

TEST(UnreachableNat, AppliedOnNoInterface) {
    NatRule rule = forward(kNewNatRule, kUplink, 81);
    rule.applied_on.reset();
    EXPECT_THAT(found_with_rule(rule),
                ElementsAre(Says(kUnreachableNat, kNewNatRule, EndsWith("there is no interface that it is applied on"))));
}

TEST(UnreachableNat, ADisabledRuleNeitherTakesNorIsMissed) {
    NatRule rule = forward(kNewNatRule, kUplink, 80);
    rule.enabled = false;
    EXPECT_THAT(found_with_rule(rule), IsEmpty());
    const auto found = found_with([&](Ruleset& rules) { rules.nat.insert(rules.nat.begin(), rule); });
    EXPECT_THAT(found, IsEmpty());
}

// ---- nat-without-firewall -------------------------------------------------------------------------------------------------------

TEST(NatWithoutFirewall, AForwardThatNoRuleAccepts) {
    EXPECT_THAT(
        found_with_rule(forward(kNewNatRule, kUplink, 8443)),
        ElementsAre(Says(kNatWithoutFirewall, kNewNatRule,
                         "NAT rule 65537 translates packets that are then dropped: no firewall rule accepts any of them")));
}

// The mistake of who comes from a firewall that is asked after translation: the rule names the inside address.
TEST(NatWithoutFirewall, ARuleForTheInsideAddressIsNotOne) {
    const auto found = [](MatchTuple match) {
        return found_with([&](Ruleset& rules) {
            rules.nat.push_back(forward(kNewNatRule, kUplink, 8443));
            add_rule(rules, firewall_rule(9, FirewallAction::accept, by(kUplink), at("192.168.255.10"),
                                          {service(IpProtocol::tcp, {8443})}))
                .match = match;
        });
    };
    EXPECT_THAT(found(MatchTuple::original), ElementsAre(Says(kNatWithoutFirewall, kNewNatRule)));
    EXPECT_THAT(found(MatchTuple::translated), IsEmpty());
}

TEST(NatWithoutFirewall, OneAddressThatIsAcceptedIsEnough) {
    const auto found = [](const char* source) {
        return found_with([&](Ruleset& rules) {
            rules.nat.push_back(forward(kNewNatRule, kUplink, 8443));
            add_rule(rules, firewall_rule(8, FirewallAction::drop, at("198.51.100.0/25"), anybody()));
            add_rule(rules, firewall_rule(9, FirewallAction::accept, at(source), at("203.0.113.80"),
                                          {service(IpProtocol::tcp, {8443})}));
        });
    };
    EXPECT_THAT(found("198.51.100.128"), IsEmpty());
    EXPECT_THAT(found("198.51.100.127"), UnorderedElementsAre(Says(kShadowed, 9), Says(kNatWithoutFirewall, kNewNatRule)));
}

// What is accepted at times only is accepted; what is dropped at times only is not dropped at others.
TEST(NatWithoutFirewall, ARuleWithAScheduleCountsAtItsTimes) {
    const auto found = [](const char* drop_schedule, const char* accept_schedule) {
        return found_with([&](Ruleset& rules) {
            rules.nat.push_back(forward(kNewNatRule, kUplink, 8443));
            add_rule(rules, firewall_rule(8, FirewallAction::drop, by(kUplink), anybody())).schedule = drop_schedule;
            add_rule(rules, firewall_rule(9, FirewallAction::accept, by(kUplink), at("203.0.113.80"))).schedule = accept_schedule;
            for (FirewallRule& rule : rules.firewall) rule.outside_schedule = !rule.schedule.empty();
        });
    };
    EXPECT_THAT(found("", ""), UnorderedElementsAre(Says(kShadowed, 9), Says(kNatWithoutFirewall, kNewNatRule)));
    EXPECT_THAT(found("night", ""), IsEmpty());
    EXPECT_THAT(found("night", "office"), IsEmpty());
}

TEST(NatWithoutFirewall, ASourceRuleThatNothingPasses) {
    const auto found = found_with([](Ruleset& rules) {
        for (FirewallRule& rule : rules.firewall) rule.enabled = rule.id != 2;
    });
    EXPECT_THAT(found,
                ElementsAre(Says(kNatWithoutFirewall, kSnatUplink,
                                 "NAT rule 196609 has nothing to translate: no firewall rule accepts a packet that it is for")));
}

TEST(NatWithoutFirewall, AnOpenDefaultAcceptsEverything) {
    const auto found = found_with([](Ruleset& rules) {
        rules.nat.push_back(forward(kNewNatRule, kUplink, 8443));
        rules.firewall.back().action = FirewallAction::accept;
    });
    EXPECT_THAT(found, IsEmpty());
}

TEST(NatWithoutRoute, ATargetThatNothingLeadsTo) {
    const auto found = found_with([](Ruleset& rules) {
        rules.routes.clear();
        rules.nat.push_back(forward(kNewNatRule, kUplink, 8443, "10.1.1.1"));
    });
    EXPECT_THAT(found, ElementsAre(Says(kNatWithoutRoute, kNewNatRule,
                                        "NAT rule 65537 translates to 10.1.1.1, where nothing leads: no route, no interface")));
}

// ---- half-hairpin ---------------------------------------------------------------------------------------------------------------

TEST(HalfHairpin, DnatIntoTheSameLanWithoutSnat) {
    const auto found = found_with([](Ruleset& rules) { nat_rule(rules, kSnatLan).enabled = false; });
    EXPECT_THAT(found,
                ElementsAre(Says(kHalfHairpin, kDnatLanHttp,
                                 "NAT rule 196613 sends packets from \"lan\" back to \"lan\", but no snat rule there hides who "
                                 "sent them: the answers would go past the gateway and be refused"),
                            Says(kHalfHairpin, kDnatLanHttps)));
}

TEST(NatTargets, EachIsLookedAtByItself) {
    const auto found = [](std::vector<NatTarget> targets, const char* accepted) {
        return found_with([&](Ruleset& rules) {
            rules.nat.push_back(forward(kNewNatRule, kUplink, 8443));
            rules.nat.back().translated_address.reset(), rules.nat.back().translated_port.reset();
            rules.nat.back().targets = std::move(targets);
            rules.routes.clear();
            add_rule(rules, firewall_rule(9, FirewallAction::accept, by(kUplink), at(accepted))).match = MatchTuple::translated;
        });
    };
    const Ipv4Address second{192, 168, 255, 11}, nowhere{10, 9, 9, 9};
    EXPECT_THAT(found({{kWebServer, {}, 1}, {second, {}, 1}}, "192.168.255.10-192.168.255.11"), Not(Contains(AboutTheNewOne())));
    EXPECT_THAT(
        found({{kWebServer, {}, 1}, {second, {}, 1}}, "192.168.255.10"),
        Contains(Says(kNatWithoutFirewall, kNewNatRule,
                      "NAT rule 65537 translates packets to 192.168.255.11 that are then dropped: no firewall rule accepts "
                      "any of them")));
    EXPECT_THAT(found({{kWebServer, {}, 1}, {second, {}, 0}}, "192.168.255.10"), Not(Contains(AboutTheNewOne()))) << "drained";
    EXPECT_THAT(found({{kWebServer, {}, 1}, {nowhere, {}, 1}}, "192.168.255.10"),
                Contains(Says(kNatWithoutRoute, kNewNatRule, HasSubstr("translates to 10.9.9.9, where nothing leads"))));
}

TEST(HalfHairpin, ATargetOnTheClientsLanIsEnough) {
    const auto found = found_with([](Ruleset& rules) {
        nat_rule(rules, kSnatLan).enabled = false;
        nat_rule(rules, kDnatLanHttps).enabled = false;
        NatRule& rule = nat_rule(rules, kDnatLanHttp);
        rule.translated_address.reset(), rule.translated_port.reset();
        rule.targets = {{kInternet, {}, 1}, {kWebServer, {}, 1}};
    });
    EXPECT_THAT(found, Contains(Says(kHalfHairpin, kDnatLanHttp)));
}

TEST(HalfHairpin, AnotherLanNeedsNone) {
    const auto found = found_with([](Ruleset& rules) {
        nat_rule(rules, kSnatLan).enabled = false;
        rules.interfaces.push_back({"dmz",
                                    InterfaceRole::internal,
                                    "dmz",
                                    {},
                                    MacAddress::from_number(0x0200'0000'aa02),
                                    1500,
                                    {*Ipv4InterfaceAddress::parse("192.168.20.1/24")}});
        for (const RuleId id : {kDnatLanHttp, kDnatLanHttps}) nat_rule(rules, id).translated_address = addresses("192.168.20.10");
    });
    EXPECT_THAT(found, IsEmpty());
}

TEST(HalfHairpin, ASnatRuleForSomeLeavesTheOthersOut) {
    const auto found = [](const char* hidden) {
        return found_with([&](Ruleset& rules) {
            nat_rule(rules, kSnatLan).original_address = addresses(hidden);
            add_rule(rules, firewall_rule(9, FirewallAction::accept, by(kLan), at("203.0.113.80"),
                                          {service(IpProtocol::tcp, {80, 443})}));
        });
    };
    EXPECT_THAT(found("192.168.255.0/24"), IsEmpty());
    EXPECT_THAT(found("192.168.255.2-192.168.255.254"), IsEmpty());  // all stations
    EXPECT_THAT(found("192.168.255.2-192.168.255.253"),
                ElementsAre(Says(kHalfHairpin, kDnatLanHttp), Says(kHalfHairpin, kDnatLanHttps)));
}

TEST(HalfHairpin, WhomTheFirewallRefusesNeedsNone) {
    // Only the workstation may; the others would not get through anyway.
    const auto found =
        found_with([](Ruleset& rules) { nat_rule(rules, kSnatLan).original_address = addresses("192.168.255.2"); });
    EXPECT_THAT(found, IsEmpty());
}

TEST(HalfHairpin, AnExemptionOrAPortAloneHidesNobody) {
    const auto found = [](const std::function<void(NatRule&)>& change) {
        return found_with([&](Ruleset& rules) { change(nat_rule(rules, kSnatLan)); });
    };
    EXPECT_THAT(found([](NatRule& rule) { rule.action = NatAction::no_snat, rule.translated_address.reset(); }),
                ElementsAre(Says(kHalfHairpin, kDnatLanHttp), Says(kHalfHairpin, kDnatLanHttps)));
    EXPECT_THAT(found([](NatRule& rule) { rule.translated_address.reset(), rule.translated_port = ports(40000, 50000); }),
                ElementsAre(Says(kHalfHairpin, kDnatLanHttp), Says(kHalfHairpin, kDnatLanHttps)));
    EXPECT_THAT(found([](NatRule& rule) { rule.translated_address.reset(), rule.masquerade = true; }), IsEmpty());
}

}  // namespace
}  // namespace hairpin::testing
