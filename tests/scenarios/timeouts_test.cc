// How long sessions live, as profiles, ports and rules say; what keeps them alive, and what does not.

#include "tests/support/life.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using gateway::SessionState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

HairpinLab::Change profile(gateway::TimeoutProfile profile) {
    return [=](gateway::Ruleset& rules) { rules.timeouts = gateway::Timeouts{profile}; };
}
PacketBuilder ask(unsigned port = 5000) { return udp().from(kWorkstation, 40000).to(kInternet, port); }

TEST(TimeoutProfile, OfLinuxGivesUdpLongerOnceItIsAnswered) {
    HairpinLab lab{profile(gateway::TimeoutProfile::linux_kernel)};
    lab.workstation.send(ask());
    expect_life_of(lab, 30s);
    lab.workstation.send(ask());
    lab.internet.answer();
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::udp_stream);
    expect_life_of(lab, 120s);
}

TEST(TimeoutProfile, OfNsxIsShort) {
    HairpinLab lab{profile(gateway::TimeoutProfile::nsx)};
    lab.workstation.send(ask());
    lab.internet.answer();
    expect_life_of(lab, 60s);
    lab.internet.received();
    lab.workstation.received();
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    expect_life_of(lab, 3600s);
}

// A stream that lives shorter than what is unanswered: the wheel must be told.
TEST(TimeoutProfile, AnAnswerMayAlsoShortenALife) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.timeouts.set(SessionState::udp_stream, 5s); }};
    lab.workstation.send(ask());
    lab.internet.answer();
    expect_life_of(lab, 5s);
}

TEST(Rfc4787, Req5a_AWellKnownPortMayHaveAShorterTimer) {
    const auto rules = [](gateway::Ruleset& changed) { changed.udp_port_timeouts = {{L4Port{53}, 10s}}; };
    HairpinLab dns{rules};
    dns.workstation.send(ask(53));
    dns.internet.answer();
    expect_life_of(dns, 10s);
    HairpinLab other{rules};
    other.workstation.send(ask(54));
    expect_life_of(other, 300s);
}

TEST(Rfc4787, Req5a_AndLivingSessionsAreHeldToIt) {
    HairpinLab lab;
    lab.workstation.send(ask(53));
    lab.change_rules([](gateway::Ruleset& rules) { rules.udp_port_timeouts = {{L4Port{53}, 10s}}; });
    expect_life_of(lab, 10s);
}

TEST(Rfc4787, Req6a_AnInboundPacketRefreshesWhereTheSettingSaysSo) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.udp_inbound_refresh = true; }};
    lab.workstation.send(ask());
    lab.wait(290s);
    lab.internet.answer();
    expect_life_of(lab, 300s);
}

TEST(Rfc4787, Req6a_ByDefaultItDoesNot) {
    HairpinLab lab;
    lab.workstation.send(ask());
    lab.wait(290s);
    lab.internet.answer();
    expect_life_of(lab, 10s);
}

HairpinLab::Change rule_two_lives(std::chrono::seconds idle) {
    return [=](gateway::Ruleset& rules) {
        for (auto& rule : rules.firewall)
            if (rule.id == 2) rule.idle = idle;
    };
}

TEST(RuleTimeout, IsThatOfTheSessionsItAccepts) {
    HairpinLab lab{rule_two_lives(20s)};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    expect_life_of(lab, 20s);
    lab.workstation.send(ask());
    expect_life_of(lab, 20s);
    // Rule 3 has none of its own.
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.wait(7440s);
    EXPECT_EQ(lab.counters().sessions, 1U);
}

TEST(RuleTimeout, IsNotThatOfAConnectionThatOpensOrCloses) {
    HairpinLab opening{rule_two_lives(20000s)};
    opening.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    expect_life_of(opening, 240s);

    HairpinLab up{rule_two_lives(20000s)};
    up.connect(up.workstation, up.internet, kWorkstation, 40000, kInternet, 80);
    expect_life_of(up, 20000s);
}

TEST(RuleTimeout, IsFoundByTheSessionsOfARuleThatTakesOver) {
    HairpinLab lab;
    lab.workstation.send(ask());
    lab.wait(100s);
    lab.change_rules([](gateway::Ruleset& rules) {
        auto rule = firewall_rule(9, gateway::FirewallAction::accept, by(kLan), anybody());
        rule.idle = 20s;
        rules.firewall.insert(rules.firewall.begin(), rule);
    });
    lab.workstation.send(ask());
    EXPECT_EQ(lab.sessions().at(0).firewall_rule, 9U);
    expect_life_of(lab, 20s);
}

TEST(RuleTimeout, ThatBecomesShorterIsForLivingSessionsToo) {
    HairpinLab lab{rule_two_lives(600s)};
    lab.workstation.send(ask());
    lab.change_rules(rule_two_lives(20s));
    expect_life_of(lab, 20s);
}

TEST(Rfc7857, Section7Resets_OnlyTheFirstBeginsTheFourMinutes) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const auto refuse = tcp().from(kWorkstation, 40000).to(kInternet, 80).rst();
    lab.workstation.send(refuse);
    ASSERT_EQ(lab.sessions().at(0).state, SessionState::reset);
    lab.wait(200s);
    lab.workstation.send(refuse);
    expect_life_of(lab, 40s);
}

// A reset that is not exactly what the other side waits for changes nothing, nor does it keep anything alive.
TEST(Rfc7857, Section7Resets_OneThatIsNotBelievedRefreshesNothing) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.wait(7000s);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).rst().sequence(1100));
    ASSERT_EQ(lab.sessions().at(0).state, SessionState::established);
    expect_life_of(lab, 440s);
}

// ---- SYNs that nobody waits for

// A gateway on whose external address a rule lets TCP come through, where nobody listens.
HairpinLab::Change open_gateway() {
    return [](gateway::Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin() + 1, firewall_rule(9, gateway::FirewallAction::accept, anybody(),
                                                                        the_gateway(), {service(IpProtocol::tcp)}));
    };
}
PacketBuilder knock(unsigned from = 5000, unsigned to = 2000) { return tcp().from(kInternet, from).to(kExternal, to).syn(); }

TEST(Rfc5382, Req4_AnUnsolicitedSynIsAnsweredAfterSixSeconds) {
    HairpinLab lab{open_gateway()};
    lab.internet.send(knock());
    lab.wait(6s - Tick::kLength);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.gateway().held(), 1U);
    lab.wait(Tick::kLength);
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(3, 3, About(Tcp(From(kInternet, 5000), To(kExternal, 2000))))));
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 1U);
    lab.wait(10s);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
}

TEST(Rfc5382, Req4_ItIsForgottenWhenAnOutboundSynCrossesIt) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        open_gateway()(rules);
        rules.nat[0].translated_port = port(2000);
    }};
    lab.internet.send(knock());
    lab.wait(3s);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 5000).syn());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 2000), To(kInternet, 5000))));
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 1U);
    lab.wait(10s);
    EXPECT_THAT(lab.internet.received(), IsEmpty()) << "no error comes between them";

    lab.internet.send(knock());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(Flags(TcpHeader::kSyn)))) << "and the next finds its session";
}

TEST(Rfc5382, Req4_AnotherConnectionsSynDoesNotCrossIt) {
    HairpinLab lab{open_gateway()};
    lab.internet.send(knock());
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 5001).syn());
    lab.internet.received();
    lab.wait(6s);
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(3, 3)));
}

TEST(Rfc5382, Req4_AFloodOfThemIsBounded) {
    HairpinLab lab{open_gateway()};
    for (unsigned i = 0; i < 1000; ++i) lab.internet.send(knock(5000 + i));
    EXPECT_EQ(lab.gateway().held(), 256U);
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 744U);
    lab.internet.send(knock(5000));  // sent again
    EXPECT_EQ(lab.gateway().held(), 256U);
    lab.wait(6s);
    EXPECT_EQ(lab.gateway().held(), 0U);
}

TEST(Rfc5382, Req4_FromInsideItIsAnsweredAtOnce) {
    HairpinLab lab{open_gateway()};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kGateway, 2000).syn());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 3)));
}

}  // namespace
}  // namespace hairpin::testing
