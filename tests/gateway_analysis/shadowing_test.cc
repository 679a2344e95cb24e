// Firewall rules that can never match, in the guide's lab and sentence by sentence. That exactly those are found that no packet reaches
// is every_packet_test's.

#include "tests/gateway_analysis/findings.h"

namespace hairpin::testing {
namespace {

using namespace gateway;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kAccept = FirewallAction::accept;
constexpr auto kDrop = FirewallAction::drop;

FirewallRule named(const char* name, FirewallRule rule) {
    rule.text.name = name;
    return rule;
}
FirewallRule web(RuleId id, Endpoint source, Endpoint destination) {
    return firewall_rule(id, kAccept, std::move(source), std::move(destination), {service(IpProtocol::tcp, {80, 443})});
}
std::vector<Finding> found_with_rule(FirewallRule rule) {
    return found_with([&](Ruleset& rules) { add_rule(rules, std::move(rule)); });
}

TEST(Shadowing, TheGuidesRulesAllHaveTheirTurn) { EXPECT_THAT(analyse(guide_rules()), IsEmpty()); }

TEST(Shadowing, ARuleBehindABroaderOneNeverMatches) {
    const auto found = found_with([](Ruleset& rules) {
        add_rule(rules, named("all from lan", firewall_rule(10, kAccept, at("192.168.255.0/24"), anybody())));
        add_rule(rules, named("web", web(11, at("192.168.255.7"), at("198.51.100.0/24"))));
    });
    // Not rule 2, which takes only what comes in by the LAN.
    EXPECT_THAT(found,
                ElementsAre(Says(kShadowed, 11,
                                 R"(firewall rule 11 "web" can never match: rule 10 "all from lan" takes everything it would)")));
}

TEST(Shadowing, ThatItWouldDecideAlikeIsNoExcuse) {
    EXPECT_THAT(found_with_rule(firewall_rule(9, kAccept, by(kLan), by(kUplink))), ElementsAre(Says(kShadowed, 9)));
    EXPECT_THAT(found_with_rule(firewall_rule(9, kDrop, by(kLan), by(kUplink))), ElementsAre(Says(kShadowed, 9)));
}

TEST(Shadowing, OneAddressMoreAndItMatches) {
    const auto found = [](const char* sources) {
        return found_with([&](Ruleset& rules) {
            add_rule(rules, firewall_rule(10, kDrop, at("192.168.255.64/26"), at("192.168.255.0/24")));
            add_rule(rules, firewall_rule(11, kAccept, at(sources), at("192.168.255.10")));
        });
    };
    EXPECT_THAT(found("192.168.255.64-192.168.255.127"), ElementsAre(Says(kShadowed, 11)));
    EXPECT_THAT(found("192.168.255.63-192.168.255.127"), IsEmpty());
    EXPECT_THAT(found("192.168.255.64-192.168.255.128"), IsEmpty());
}

TEST(Shadowing, SeveralTakeItTogether) {
    const auto found = found_with([](Ruleset& rules) {
        FirewallRule low = web(10, by(kUplink), at("192.168.255.10")), high = low, both = low;
        low.services[0].destination_ports = {ports(0, 999)};
        high.services[0].destination_ports = {ports(1000, 65535)};
        both.services[0].destination_ports = {ports(900, 1100)};
        high.id = 11, both.id = 13;
        add_rule(rules, low);
        add_rule(rules, web(12, by(kUplink), at("192.168.255.11")));  // takes nothing of it
        add_rule(rules, high);
        add_rule(rules, both);
        for (FirewallRule& rule : rules.firewall) rule.text.name.clear();
    });
    EXPECT_THAT(found, ElementsAre(Says(kShadowed, 13,
                                        "firewall rule 13 can never match: rules 10 and 11 together take everything it would")));
}

TEST(Shadowing, OfSeveralThatTookPartsTheOneThatTakesAllIsNamed) {
    const auto found = found_with([](Ruleset& rules) {
        add_rule(rules, web(10, by(kUplink), at("192.168.255.10")));
        add_rule(rules, firewall_rule(11, kDrop, by(kUplink), at("192.168.255.0/24")));
        add_rule(rules, firewall_rule(12, kDrop, by(kUplink), at("192.168.255.8/29")));
    });
    EXPECT_THAT(found, ElementsAre(Says(kShadowed, 12, HasSubstr("rule 11 \"rule 11\" takes everything"))));
}

TEST(Shadowing, ManyAreCountedAndNotAllNamed) {
    const auto found = found_with([](Ruleset& rules) {
        for (unsigned i = 0; i < 8; ++i)
            add_rule(rules, firewall_rule(10 + i, kDrop, by(kUplink), at("192.168.255." + std::to_string(32 * i) + "/27")));
        add_rule(rules, firewall_rule(30, kDrop, by(kUplink), at("192.168.255.0/24")));
        for (FirewallRule& rule : rules.firewall) rule.text.name.clear();
    });
    EXPECT_THAT(found,
                ElementsAre(Says(kShadowed, 30, EndsWith("rules 10, 11, 12 and 5 more together take everything it would"))));
}

TEST(Shadowing, ADisabledRuleNeitherTakesNorIsMissed) {
    const auto found = [](bool first_enabled, bool second_enabled) {
        return found_with([&](Ruleset& rules) {
            add_rule(rules, firewall_rule(10, kDrop, by(kUplink), at("192.168.255.0/24"))).enabled = first_enabled;
            add_rule(rules, firewall_rule(11, kDrop, by(kUplink), at("192.168.255.10"))).enabled = second_enabled;
        });
    };
    EXPECT_THAT(found(true, true), SizeIs(1));
    EXPECT_THAT(found(false, true), IsEmpty());
    EXPECT_THAT(found(true, false), IsEmpty());
}

// A rule that is in force at times only leaves at other times what it would take; but not to one of the same times.
TEST(Shadowing, ARuleWithAScheduleTakesOnlyFromItsOwn) {
    const auto found = [](const char* first, const char* second) {
        return found_with([&](Ruleset& rules) {
            add_rule(rules, firewall_rule(10, kDrop, by(kUplink), at("192.168.255.0/24"))).schedule = first;
            add_rule(rules, firewall_rule(11, kDrop, by(kUplink), at("192.168.255.10"))).schedule = second;
            for (FirewallRule& rule : rules.firewall) rule.outside_schedule = !rule.schedule.empty();  // whatever time it is
        });
    };
    EXPECT_THAT(found("", "office"), ElementsAre(Says(kShadowed, 11)));
    EXPECT_THAT(found("office", "office"), ElementsAre(Says(kShadowed, 11)));
    EXPECT_THAT(found("office", ""), IsEmpty());
    EXPECT_THAT(found("office", "night"), IsEmpty());
}

TEST(Shadowing, NegationIsHonoured) {
    const auto found = [](Endpoint later) {
        return found_with([&](Ruleset& rules) {
            add_rule(rules, firewall_rule(10, kDrop, not_(at("192.168.255.2")), at("192.168.255.0/24")));
            add_rule(rules, firewall_rule(11, kDrop, std::move(later), at("192.168.255.10")));
        });
    };
    EXPECT_THAT(found(at("192.168.255.3")), ElementsAre(Says(kShadowed, 11)));
    EXPECT_THAT(found(at("192.168.255.2")), IsEmpty());
    EXPECT_THAT(found(not_(at("192.168.255.0/24"))), ElementsAre(Says(kShadowed, 11)));
    EXPECT_THAT(found(not_(at("192.168.255.128/25"))), IsEmpty());
}

// What leaves by the uplink is known by the routes: an address there needs no second rule.
TEST(Shadowing, WhereADestinationLiesIsKnown) {
    EXPECT_THAT(found_with_rule(firewall_rule(9, kDrop, by(kLan), at("8.8.8.8"))),
                ElementsAre(Says(kShadowed, 9, HasSubstr("rule 2"))));
    // But what DNAT turns back into the LAN does not leave by the uplink.
    EXPECT_THAT(found_with_rule(web(9, at("192.168.255.3"), at("203.0.113.80"))), IsEmpty());
    EXPECT_THAT(found_with_rule(web(9, at("192.168.255.2"), at("203.0.113.80"))),
                ElementsAre(Says(kShadowed, 9, HasSubstr("rule 3"))));
}

TEST(Shadowing, PingsOfTheGatewayAreTheAutomaticRules) {
    FirewallRule ping = firewall_rule(9, kDrop, by(kUplink), the_gateway(), {service(IpProtocol::icmp)});
    EXPECT_THAT(found_with_rule(ping), IsEmpty());
    ping.services[0].icmp_type = 8;
    EXPECT_THAT(found_with_rule(ping), ElementsAre(Says(kShadowed, 9, HasSubstr("131073"))));
}

TEST(Shadowing, WhichTupleARuleComparesMatters) {
    // Port 80 of the outside address becomes the web server's before the firewall is asked.
    FirewallRule rule = web(9, by(kUplink), at("203.0.113.80"));
    rule.services[0].destination_ports = {port(80)};
    rule.match = MatchTuple::translated;
    EXPECT_THAT(found_with_rule(rule),
                ElementsAre(Says(kShadowed, 9, HasSubstr("DNAT gives what it would match another destination first"))));
    rule.destination = at("192.168.255.10");
    EXPECT_THAT(found_with_rule(rule), IsEmpty());  // from the uplink to the server's own address, which nothing translates
    rule.services[0].destination_ports = {port(22)};
    EXPECT_THAT(found_with_rule(rule), IsEmpty());
}

// A range is mapped one to one, addresses and ports: what a rule compares after DNAT is as far from the first.
TEST(Shadowing, ARangeKeepsItsOrderThroughDnat) {
    const auto found = [](const char* destination, unsigned number) {
        return found_with([&](Ruleset& rules) {
            rules.nat = {dnat(65537, on({kUplink}), IpProtocol::tcp, "203.0.113.80-203.0.113.83", ports(8000, 8003),
                              "192.168.255.20-192.168.255.23", ports(80, 83))};
            // Everybody else who speaks to the servers is taken care of.
            add_rule(rules, firewall_rule(8, kDrop, anybody(), at("192.168.255.16/28")));
            add_rule(rules, web(9, by(kUplink), at(destination))).match = MatchTuple::translated;
            rules.firewall.end()[-2].services[0].destination_ports = {port(number)};
            add_rule(rules, web(10, by(kUplink), at(destination))).services[0].destination_ports = {port(number + 7920)};
        });
    };
    const auto shadowed = [&](const char* destination, unsigned number) {
        std::vector<RuleId> ids;
        for (const Finding& finding : found(destination, number))
            if (finding.kind == kShadowed.name) ids.push_back(finding.rule);
        return ids;
    };
    EXPECT_THAT(shadowed("192.168.255.22", 82), ElementsAre(10));
    EXPECT_THAT(shadowed("192.168.255.23", 83), ElementsAre(10));
    EXPECT_THAT(shadowed("192.168.255.24", 82), ElementsAre(9, 10));
    EXPECT_THAT(shadowed("192.168.255.22", 84), ElementsAre(9, 10));
    EXPECT_THAT(shadowed("192.168.255.22", 8002), ElementsAre(9, 10));
}

// ---- Rules that nothing fits, whatever stands before them -------------------------------------------------------------------------

TEST(Shadowing, WhereNothingLeads) {
    const auto found = found_with([](Ruleset& rules) {
        rules.routes.clear();
        add_rule(rules, firewall_rule(9, kAccept, anybody(), at("198.51.100.10"))).text.destination = "198.51.100.10";
    });
    EXPECT_THAT(found, ElementsAre(Says(kShadowed, 9, EndsWith("nothing leads to its destination 198.51.100.10"))));
}

TEST(Shadowing, WhoseSourceIsNobody) {
    EXPECT_THAT(found_with_rule(firewall_rule(9, kAccept, not_(anybody()), anybody())),
                ElementsAre(Says(kShadowed, 9, EndsWith("its source is nobody"))));
}

TEST(Shadowing, TheGatewaysOwnPacketsAreAskedAboutNowhere) {
    EXPECT_THAT(found_with_rule(firewall_rule(9, kAccept, the_gateway(), at("198.51.100.10"))), IsEmpty());
}

TEST(Shadowing, ARuleThatWouldStopTheGatewaysOwnPacketsComesTooLate) {
    EXPECT_THAT(found_with_rule(firewall_rule(9, kDrop, the_gateway(), anybody())),
                ElementsAre(Says(kShadowed, 9, HasSubstr("can never match"))));
}

TEST(Shadowing, SwitchedOffThereIsNothingToFind) {
    const auto found = found_with([](Ruleset& rules) {
        rules.firewall_enabled = false;
        add_rule(rules, firewall_rule(9, kDrop, by(kLan), by(kUplink)));
    });
    EXPECT_THAT(found, IsEmpty());
}

TEST(Shadowing, AGatewayWithNothingHasNothingToFind) { EXPECT_THAT(analyse(Ruleset{}), IsEmpty()); }

// ---- The bound --------------------------------------------------------------------------------------------------------------------

// Rules that overlap crosswise in three fields, so that what they leave of one another has very many pieces.
TEST(Shadowing, WhereRulesOverlapBeyondMeasureItSaysSo) {
    const auto found = found_with([](Ruleset& rules) {
        for (unsigned i = 0; i < 1000; ++i) {
            const unsigned a = i * 37 % 4000, b = i * 91 % 4000;
            FirewallRule rule = firewall_rule(100 + i, kAccept, anybody(), anybody(), {service(IpProtocol::tcp)});
            if (i % 3 != 0) rule.source.addresses = {{Ipv4Address{0x0a00'0000 + a}, Ipv4Address{0x0a00'0000 + a + 3000}}};
            if (i % 3 != 1) rule.destination.addresses = {{Ipv4Address{0x0b00'0000 + b}, Ipv4Address{0x0b00'0000 + b + 3000}}};
            if (i % 3 != 2) rule.services[0].destination_ports = {ports(a, a + 2000)};
            add_rule(rules, rule);
        }
    });
    std::size_t unknown = 0;
    for (const Finding& finding : found) unknown += finding.kind == kNotDetermined.name;
    EXPECT_GT(unknown, 1U);
    EXPECT_LE(unknown, 6U);
    EXPECT_THAT(found.back(), Says(kNotDetermined, kNoRule, HasSubstr("more rules it is not known either")));
}

// However little may be spent, it is enough for rules that are as rules are.
TEST(Shadowing, ABriefLookKnowsWhatOrdinaryRulesDo) {
    HairpinLab lab;
    Ruleset rules = lab.gateway().ruleset();
    for (unsigned i = 0; i < 3000; ++i)
        add_rule(rules, web(100 + i, at("192.168.255.7"), at(Ipv4Address{0x0a00'0000 + i}.to_string()))).source = by(kUplink);
    add_rule(rules, web(5000, by(kUplink), at("10.0.3.0/25")));
    EXPECT_THAT(analyse(rules, Thoroughness::brief), ElementsAre(Says(kShadowed, 5000, HasSubstr("rules 868 \"rule 868\", "))));
}

TEST(Shadowing, AThousandRulesApartAreAllKnown) {
    const auto found = found_with([](Ruleset& rules) {
        for (unsigned i = 0; i < 1000; ++i)
            add_rule(rules, web(100 + i, at("192.168.255.7"), at(Ipv4Address{0x0a00'0000 + i}.to_string()))).source = by(kUplink);
        add_rule(rules, web(5000, by(kUplink), at("10.0.3.0/25")));
        add_rule(rules, web(5001, by(kUplink), at("10.0.3.0-10.0.3.232")));
    });
    EXPECT_THAT(found, ElementsAre(Says(kShadowed, 5000, HasSubstr("rules 868 \"rule 868\", "))));
}

// What the analysis does not look at narrows a rule: it takes nothing for certain from those behind, and is itself taken like any other.
TEST(Shadowing, ARuleAboutAMacTakesNothingAndMayBeTaken) {
    const auto mac_rule = [](RuleId id) {
        FirewallRule rule = named("laptop", firewall_rule(id, kDrop, at("192.168.255.0/24"), anybody()));
        rule.source.macs = {MacAddress::from_number(0x0200'0000'0002)};
        return rule;
    };
    const auto code_rule = [](RuleId id) {
        FirewallRule rule = firewall_rule(id, kDrop, at("192.168.255.0/24"), anybody(), {service(IpProtocol::icmp)});
        rule.services[0].icmp_type = 8;
        rule.services[0].icmp_code = 0;
        return rule;
    };
    EXPECT_THAT(found_with([&](Ruleset& rules) {
                    add_rule(rules, mac_rule(10));
                    add_rule(rules, code_rule(11));
                    add_rule(rules, web(12, at("192.168.255.7"), at("192.168.0.0/16")));
                    add_rule(rules,
                             firewall_rule(13, kAccept, at("192.168.255.7"), at("192.168.0.0/16"), {service(IpProtocol::icmp)}));
                }),
                IsEmpty());
    EXPECT_THAT(found_with([&](Ruleset& rules) {
                    add_rule(rules, named("all", firewall_rule(10, kAccept, at("192.168.255.0/24"), anybody())));
                    add_rule(rules, mac_rule(11));
                    add_rule(rules, code_rule(12));
                }),
                ElementsAre(Says(kShadowed, 11, HasSubstr("10 \"all\"")), Says(kShadowed, 12, HasSubstr("10 \"all\""))));
}

}  // namespace
}  // namespace hairpin::testing
