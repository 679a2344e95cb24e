// What becomes of sessions when rules change: said before it happens, and as the setting on-commit wants it.

#include <cstring>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::FirewallAction;
using gateway::Foresight;
using gateway::NatRule;
using gateway::OnCommit;
using gateway::RouteTable;
using gateway::Ruleset;
using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Foresight foresight_of(HairpinLab& lab, const HairpinLab::Change& change) {
    Ruleset next = lab.gateway().ruleset();
    change(next);
    ++next.generation;
    return lab.gateway().foresee(next, RouteTable{next});
}
::testing::Matcher<const Foresight&> Foresees(std::size_t kept, std::size_t anew, std::size_t ended) {
    return AllOf(::testing::Field("kept", &Foresight::kept, kept),
                 ::testing::Field("translated_anew", &Foresight::translated_anew, anew),
                 ::testing::Field("ended", &Foresight::ended, ended),
                 ::testing::Field("examples", &Foresight::examples, SizeIs(std::min(ended, std::size_t{10}))),
                 ::testing::Field("complete", &Foresight::complete, true));
}

void keep_sessions(Ruleset& rules) { rules.on_commit = OnCommit::keep; }
void disable_firewall_rule(Ruleset& rules, gateway::RuleId id) {
    for (auto& rule : rules.firewall)
        if (rule.id == id) rule.enabled = false;
}
void send_the_lan_out_as(Ruleset& rules, const char* address) {
    rules.interfaces[index_of(kUplink)].addresses.push_back(*Ipv4InterfaceAddress::parse(std::string{address} + "/24"));
    for (NatRule& rule : rules.nat)
        if (rule.id == 196609) rule.translated_address = addresses(address);
}
PacketBuilder next_of_hairpin() { return tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5); }

// A hairpin, a connection to the Internet, a lookup and a ping there.
struct BusyLab : HairpinLab {
    BusyLab() {
        connect(workstation, web_server, kWorkstation, 40000, kExternal, 80);
        connect(workstation, internet, kWorkstation, 40001, kInternet, 443);
        workstation.send(lookup());
        workstation.send(ping());
        internet.received();
    }
    static PacketBuilder lookup() { return udp().from(kWorkstation, 40002).to(kInternet, 53); }
    static PacketBuilder ping() { return icmp_echo().from(kWorkstation).to(kInternet).identifier(7); }
};

// ---- Foresight ------------------------------------------------------------------------------------------------------------------

TEST(Foresight, NothingChangesNothing) {
    BusyLab lab;
    EXPECT_THAT(foresight_of(lab, [](Ruleset&) {}), Foresees(4, 0, 0));
}

TEST(Foresight, WhatTheFirewallWouldNoLongerAllowEnds) {
    BusyLab lab;
    const auto hairpin = foresight_of(lab, [](Ruleset& rules) { disable_firewall_rule(rules, 3); });
    EXPECT_THAT(hairpin, Foresees(3, 0, 1));
    EXPECT_EQ(hairpin.examples.at(0).original_key.destination, kExternal);
    EXPECT_THAT(foresight_of(lab, [](Ruleset& rules) { disable_firewall_rule(rules, 2); }), Foresees(1, 0, 3));
}

// Who has no handshake begins again by himself; an established connection cannot.
TEST(Foresight, AnotherTranslationIsTakenByThoseWhoCan) {
    BusyLab lab;
    const auto other_address = [](Ruleset& rules) { send_the_lan_out_as(rules, "203.0.113.90"); };
    EXPECT_THAT(foresight_of(lab, other_address), Foresees(1, 2, 1));

    lab.change_rules(other_address);
    lab.workstation.send(BusyLab::lookup());
    lab.workstation.send(BusyLab::ping());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From({203, 0, 113, 90})), Icmp(8, 0, From({203, 0, 113, 90}))));
    lab.workstation.send(tcp().from(kWorkstation, 40001).to(kInternet, 443).ack().payload(5));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(foresight_of(lab, [](Ruleset&) {}), Foresees(3, 0, 0));
}

TEST(Foresight, AnUnansweredSynBeginsAgain) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 443).syn());
    const auto other_address = [](Ruleset& rules) { send_the_lan_out_as(rules, "203.0.113.90"); };
    EXPECT_THAT(foresight_of(lab, other_address), Foresees(0, 1, 0));
    lab.internet.answer();
    EXPECT_THAT(foresight_of(lab, other_address), Foresees(0, 0, 1));
}

TEST(Foresight, ChangesNothing) {
    BusyLab lab;
    const auto before = lab.sessions();
    foresight_of(lab, [](Ruleset& rules) {
        rules.firewall.clear(), rules.firewall.push_back(gateway::FirewallRule{}), rules.nat.clear();
    });
    const auto after = lab.sessions();
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(std::memcmp(&before[i], &after[i], sizeof(before[i])), 0);
    EXPECT_THAT(lab.endings(), IsEmpty());
}

// Lost already to rules in force, though no packet has come to show it.
TEST(Foresight, WhatHasEndedButForItsNextPacketIsNotCountedAgain) {
    BusyLab lab;
    lab.change_rules([](Ruleset& rules) { disable_firewall_rule(rules, 3); });
    EXPECT_EQ(lab.counters().sessions, 4U);
    EXPECT_THAT(foresight_of(lab, [](Ruleset&) {}), Foresees(3, 0, 0));
    EXPECT_THAT(foresight_of(lab, [](Ruleset& rules) { disable_firewall_rule(rules, 2); }), Foresees(0, 0, 3));
}

TEST(Foresight, OfManyThatEndTenAreShown) {
    HairpinLab lab;
    for (unsigned i = 0; i < 25; ++i) lab.workstation.send(udp().from(kWorkstation, 40000 + i).to(kInternet, 53));
    EXPECT_THAT(foresight_of(lab, [](Ruleset& rules) { disable_firewall_rule(rules, 2); }), Foresees(0, 0, 25));
}

TEST(Foresight, BeyondItsBoundItSaysThatThereIsMore) {
    HairpinLab lab;
    for (unsigned i = 0; i < 50; ++i) lab.workstation.send(udp().from(kWorkstation, 40000 + i).to(kInternet, 53));
    const auto foresight = foresight_of(lab, [](Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin(), 65536, firewall_rule(9, FirewallAction::drop, at("192.0.2.1"), anybody()));
    });
    EXPECT_FALSE(foresight.complete);
    EXPECT_GT(foresight.kept, 0U);
    EXPECT_LT(foresight.kept, 50U);
}

TEST(Foresight, WithoutRulesThereIsNothingToLose) {
    HairpinLab lab;
    Ledger ledger;
    const gateway::EdgeGateway fresh{lab.pool(), ledger, 16, {}};
    const Ruleset next = guide_rules();
    EXPECT_THAT(fresh.foresee(next, RouteTable{next}), Foresees(0, 0, 0));
}

// ---- on-commit --------------------------------------------------------------------------------------------------------------------

TEST(OnCommit, KeptSessionsOutliveTheRulesThatMadeThem) {
    HairpinLab lab{keep_sessions};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const auto without_rules = [](Ruleset& rules) {
        disable_firewall_rule(rules, 3);
        rules.nat.clear();
    };
    EXPECT_THAT(foresight_of(lab, without_rules), Foresees(1, 0, 0));
    lab.change_rules(without_rules);

    lab.workstation.send(next_of_hairpin());
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kGateway), To(kWebServer, 80))));
    lab.web_server.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, 80), To(kWorkstation, 40000))));
    EXPECT_EQ(lab.sessions().at(0).firewall_rule, 3U) << "the decision it was made with";
    EXPECT_EQ(lab.sessions().at(0).decided_in, lab.gateway().ruleset().generation) << "asked once, not with every packet";
    EXPECT_THAT(lab.endings(), IsEmpty());
}

TEST(OnCommit, TheNewRulesAreForNewSessions) {
    HairpinLab lab{keep_sessions};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](Ruleset& rules) { disable_firewall_rule(rules, 3); });
    lab.workstation.send(tcp().from(kWorkstation, 40009).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U);
    EXPECT_EQ(lab.counters().sessions, 1U);
}

// It is the new rules' setting that counts, and going back to asking asks everybody.
TEST(OnCommit, WhoReEvaluatesAgainAsksTheKeptOnesToo) {
    HairpinLab lab{keep_sessions};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](Ruleset& rules) { disable_firewall_rule(rules, 3); });
    lab.workstation.send(next_of_hairpin());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));

    const auto asking = [](Ruleset& rules) { rules.on_commit = OnCommit::re_evaluate; };
    EXPECT_THAT(foresight_of(lab, asking), Foresees(0, 0, 1));
    lab.change_rules(asking);
    lab.workstation.send(next_of_hairpin());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.endings(), ElementsAre("the new rules decide otherwise"));
}

TEST(OnCommit, ASessionDoesNotOutliveItsInterface) {
    HairpinLab lab{keep_sessions};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const auto without_uplink = [](Ruleset& rules) {
        rules.interfaces[index_of(kUplink)] = {};
        rules.routes.clear();
    };
    EXPECT_THAT(foresight_of(lab, without_uplink), Foresees(0, 0, 1));
    lab.change_rules(without_uplink);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(5));
    EXPECT_THAT(lab.endings(), ElementsAre("the new rules decide otherwise"));
    EXPECT_EQ(lab.counters().sessions, 0U);
}

// Whatever the setting: nobody could be told of a reply any more.
TEST(OnCommit, NorTheOneItCameInBy) {
    for (const OnCommit on_commit : {OnCommit::re_evaluate, OnCommit::keep}) {
        HairpinLab lab{[&](Ruleset& rules) { rules.on_commit = on_commit; }};
        lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
        const auto without_lan = [](Ruleset& rules) { rules.interfaces[index_of(kLan)] = {}; };
        EXPECT_THAT(foresight_of(lab, without_lan), Foresees(0, 0, 1));
        lab.change_rules(without_lan);
        lab.internet.answer();
        EXPECT_THAT(lab.endings(), ElementsAre("the new rules decide otherwise"));
        EXPECT_EQ(lab.counters().sessions, 0U);
    }
}

}  // namespace
}  // namespace hairpin::testing
