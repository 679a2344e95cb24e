// How many sessions somebody may have: what is beyond is refused and said, and nobody else pays for it.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::Eviction;
using gateway::SessionLimit;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Ipv4Address kSecondClient{198, 51, 100, 11};

HairpinLab::Change with_inside_limit(SessionLimit limit) {
    return [limit](gateway::Ruleset& rules) { rules.session_limits.inside_host = limit; };
}
HairpinLab::Change with_rule_limits(gateway::RuleId id, gateway::RuleLimits limits) {
    return [id, limits](gateway::Ruleset& rules) {
        for (gateway::FirewallRule& rule : rules.firewall)
            if (rule.id == id) rule.limits = limits;
    };
}
// Asks something of the Internet from so many ports; how many of the packets got there.
std::size_t ask_from_ports(HairpinLab& lab, unsigned first, unsigned count) {
    for (unsigned port = first; port < first + count; ++port)
        lab.workstation.send(udp().from(kWorkstation, port).to(kInternet, 53));
    return lab.internet.received().size();
}
void knock(HairpinLab& lab, Ipv4Address from, unsigned port) {
    lab.internet.send(tcp().from(from, port).to(kExternal, 80).syn());
}

TEST(SessionLimits, WhatIsBeyondIsRefusedAndSaid) {
    HairpinLab lab{with_inside_limit({.sessions = 3})};
    EXPECT_EQ(ask_from_ports(lab, 40000, 5), 3U);
    EXPECT_EQ(lab.dropped(DropReason::session_limit), 2U);
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 13, About(From(kWorkstation, 40003))), Icmp(3, 13, About(From(kWorkstation, 40004)))));
    EXPECT_EQ(ask_from_ports(lab, 40000, 3), 3U) << "those that live go on";
}

TEST(SessionLimits, OthersHaveTheirOwn) {
    HairpinLab lab{with_inside_limit({.sessions = 2})};
    EXPECT_EQ(ask_from_ports(lab, 40000, 3), 2U);
    lab.web_server.send(udp().from(kWebServer, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "of the inside";
    knock(lab, kInternet, 50000);
    knock(lab, kInternet, 50001);
    knock(lab, kInternet, 50002);
    EXPECT_THAT(lab.web_server.received(), SizeIs(3)) << "and the outside has none";
}

TEST(SessionLimits, ASessionThatEndsMakesRoom) {
    HairpinLab lab{with_inside_limit({.udp = 2})};
    EXPECT_EQ(ask_from_ports(lab, 40000, 3), 2U);
    lab.wait(seconds{301});
    EXPECT_EQ(ask_from_ports(lab, 41000, 3), 2U);
    lab.gateway().clear_sessions([](const gateway::Session&) { return true; });
    EXPECT_EQ(ask_from_ports(lab, 42000, 3), 2U);
}

TEST(SessionLimits, EachProtocolIsCountedApart) {
    HairpinLab lab{with_inside_limit({.udp = 1, .icmp = 1})};
    EXPECT_EQ(ask_from_ports(lab, 40000, 2), 1U);
    for (const unsigned identifier : {7U, 8U})
        lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(identifier));
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    for (const unsigned port : {40000U, 40001U, 40002U})
        lab.workstation.send(tcp().from(kWorkstation, port).to(kInternet, 80).syn());
    EXPECT_THAT(lab.internet.received(), SizeIs(3)) << "of TCP nothing is said";
}

// A flood of SYNs stops at the limit; connections that were made do not count, so a server that is asked for much is not kept from it.
TEST(SessionLimits, HalfOpenAreThoseWhoseHandshakeIsNotDone) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.session_limits.outside_host.half_open = 2; }};
    for (unsigned port = 50000; port < 50010; ++port) lab.connect(lab.internet, lab.web_server, kInternet, port, kExternal, 80);
    EXPECT_THAT(lab.sessions(), SizeIs(10));
    for (unsigned port = 51000; port < 51005; ++port) knock(lab, kInternet, port);
    EXPECT_THAT(lab.web_server.received(), SizeIs(2));
    EXPECT_EQ(lab.dropped(DropReason::session_limit), 3U);
    knock(lab, kSecondClient, 50000);
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));
}

TEST(SessionLimits, NewOnesComeAtARate) {
    HairpinLab lab{with_inside_limit({.per_second = 10, .burst = 5})};
    EXPECT_EQ(ask_from_ports(lab, 40000, 8), 5U) << "at once";
    lab.wait(milliseconds{200});
    EXPECT_EQ(ask_from_ports(lab, 41000, 8), 2U) << "two more in a fifth of a second";
    lab.wait(seconds{10});
    EXPECT_EQ(ask_from_ports(lab, 42000, 8), 5U) << "silence is not saved up";
}

TEST(RuleLimits, AreOfAllThatTheRuleAcceptsAndOfEachSource) {
    constexpr gateway::RuleId kInternetToWebServer = 4;
    HairpinLab lab{with_rule_limits(kInternetToWebServer, {.all = {.sessions = 3}, .per_source = {.sessions = 2}})};
    for (const unsigned port : {50000U, 50001U, 50002U}) knock(lab, kInternet, port);
    EXPECT_THAT(lab.web_server.received(), SizeIs(2)) << "of this source";
    for (const unsigned port : {50000U, 50001U}) knock(lab, kSecondClient, port);
    EXPECT_THAT(lab.web_server.received(), SizeIs(1)) << "of the rule";
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(3, 13), Icmp(3, 13))) << "both were told";
    EXPECT_EQ(ask_from_ports(lab, 40000, 9), 9U) << "another rule's are not counted";
}

TEST(RuleLimits, AreSaidByTheTrace) {
    HairpinLab lab{with_rule_limits(4, {.all = {}, .per_source = {.half_open = 1}})};
    knock(lab, kInternet, 50000);
    const PacketBuilder another = tcp().from(kInternet, 50001).to(kExternal, 80).syn();
    const gateway::Passage passage =
        lab.gateway().probe(kUplink, PacketBuilder{another}.to_mac(kUplinkMac).in(lab.pool()), lab.now());
    EXPECT_EQ(passage.drop, DropReason::session_limit);
    std::vector<std::string> texts;
    for (const gateway::TraceStep& step : passage.tracer.steps()) texts.push_back(step.text);
    EXPECT_THAT(texts, ::testing::Contains("198.51.100.10 under rule 4 has reached its limit: 1 half-open"));
}

// Sessions that live when limits come are counted; when limits get smaller they stay.
TEST(RuleLimits, AreForNewSessionsWhenTheyChange) {
    HairpinLab lab;
    EXPECT_EQ(ask_from_ports(lab, 40000, 5), 5U);
    lab.change_rules(with_inside_limit({.sessions = 4}));
    EXPECT_EQ(ask_from_ports(lab, 40000, 5), 5U);
    EXPECT_EQ(ask_from_ports(lab, 41000, 1), 0U);
    lab.change_rules(with_inside_limit({.sessions = 7}));
    EXPECT_EQ(ask_from_ports(lab, 41000, 5), 2U);
    lab.change_rules(with_inside_limit({}));
    EXPECT_EQ(ask_from_ports(lab, 42000, 5), 5U);
}

// A rule that goes takes its sessions to the next that accepts them, where they are counted.
TEST(RuleLimits, ASessionIsCountedWithTheRuleThatItIsUnder) {
    HairpinLab lab{with_rule_limits(2, {.all = {.sessions = 2}, .per_source = {}})};
    EXPECT_EQ(ask_from_ports(lab, 40000, 3), 2U);
    lab.change_rules([](gateway::Ruleset& rules) {
        gateway::FirewallRule before = firewall_rule(100, gateway::FirewallAction::accept, at("192.168.255.2"), anybody());
        before.limits.all.sessions = 3;
        rules.firewall.insert(rules.firewall.begin(), before);
    });
    EXPECT_EQ(ask_from_ports(lab, 40000, 2), 2U) << "now they are the new rule's";
    EXPECT_EQ(ask_from_ports(lab, 41000, 3), 1U);
    lab.web_server.send(udp().from(kWebServer, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "the other rule has none left";
}

TEST(AFullTable, TakesANewSessionInThePlaceOfAnUnansweredOne) {
    HairpinLab lab{{.rules = [](gateway::Ruleset& rules) { rules.eviction = Eviction::unanswered; }, .session_capacity = 16}};
    for (unsigned port = 40000; port < 40010; ++port)
        lab.connect(lab.workstation, lab.internet, kWorkstation, port, kInternet, 80);
    EXPECT_EQ(ask_from_ports(lab, 41000, 20), 20U) << "each takes the oldest's place";
    EXPECT_THAT(lab.sessions(), SizeIs(16));
    EXPECT_THAT(lab.endings(), SizeIs(14));
    std::size_t established = 0;
    for (const gateway::Session& session : lab.sessions()) established += session.state == gateway::SessionState::established;
    EXPECT_EQ(established, 10U) << "and no connection pays for it";
    EXPECT_EQ(lab.dropped(DropReason::session_table_full), 0U);
}

TEST(AFullTable, OfAnsweredSessionsRefuses) {
    HairpinLab lab{{.rules = [](gateway::Ruleset& rules) { rules.eviction = Eviction::unanswered; }, .session_capacity = 16}};
    for (unsigned port = 40000; port < 40016; ++port)
        lab.connect(lab.workstation, lab.internet, kWorkstation, port, kInternet, 80);
    EXPECT_EQ(ask_from_ports(lab, 41000, 2), 0U);
    EXPECT_EQ(lab.dropped(DropReason::session_table_full), 2U);
    EXPECT_THAT(lab.endings(), IsEmpty());
}

}  // namespace
}  // namespace hairpin::testing
