// How long a session lives, what keeps it alive, and what becomes of it when the rules change under it.

#include "tests/support/life.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kTick = Tick::kLength;

TEST(Rfc4787, Req5_UdpLivesFiveMinutes) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    expect_life_of(lab, 300s);
}

TEST(Rfc5508, Req2_AQueryLivesAMinute) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(7));
    expect_life_of(lab, 60s);
}

TEST(Rfc5382, Req5_AnEstablishedConnectionLivesTwoHoursAndFourMinutes) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    expect_life_of(lab, 7440s);
}

TEST(Rfc5382, Req5_AnUnansweredSynLivesFourMinutes) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    expect_life_of(lab, 240s);
}

TEST(Rfc7857, Section2_2FourMinutes_AfterAResetFourMinutesAreLeft) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.wait(100s);
    lab.web_server.send(answer_to(lab.web_server.last()).flags(TcpHeader::kRst));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, 80), Flags(TcpHeader::kRst))));
    expect_life_of(lab, 240s);
}

TEST(Rfc7857, Section2_2FourMinutes_DataRevivesIt) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).rst());
    lab.wait(239s);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5));
    expect_life_of(lab, 7440s);
}

// Whoever uses the same source port again means a new connection, with a session of its own.
TEST(Rfc7857, Section2_2FourMinutes_ANewConnectionFromTheSamePortBeginsAnew) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const auto before = lab.sessions().at(0).id();
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).rst());
    lab.web_server.received();
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    EXPECT_THAT(lab.sessions(), SizeIs(1));
    EXPECT_NE(lab.sessions().at(0).id(), before);
    EXPECT_THAT(lab.endings(), ElementsAre("a new connection from the same port"));
}

TEST(Rfc5382, Req2a_ASimultaneousOpenIsEstablished) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 5000).syn());
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(answer_to(seen).flags(TcpHeader::kSyn));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(Flags(TcpHeader::kSyn))));
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 5000).syn().ack());
    lab.internet.send(answer_to(seen));
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 5000).ack());
    EXPECT_EQ(lab.sessions().at(0).state, gateway::SessionState::established);
}

TEST(Rfc4787, Req6_OutboundRefreshes) {
    HairpinLab lab;
    const auto ask = udp().from(kWorkstation, 40000).to(kInternet, 53);
    lab.workstation.send(ask);
    lab.wait(290s);
    lab.workstation.send(ask);
    lab.wait(290s);
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
}

TEST(Rfc4787, Req6_InboundDoesNot) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    for (int keepalive = 0; keepalive < 2; ++keepalive) {
        lab.wait(140s);
        lab.internet.answer();
    }
    EXPECT_THAT(lab.workstation.received(), SizeIs(2)) << "until then they pass";
    lab.wait(19s);
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), SizeIs(1)) << "at 299 s the last";
    lab.wait(1s + kTick);
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.counters().sessions, 0U);
}

// ---- Rules change under a session -----------------------------------------------------------------------------------------------

void remove_nat_rule(gateway::Ruleset& rules, gateway::RuleId id) {
    std::erase_if(rules.nat, [id](const auto& rule) { return rule.id == id; });
}

// Acceptance (k).
TEST(RuleChange, ARemovedRuleEndsItsSessionsAtTheirNextPacket) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) { remove_nat_rule(rules, 196613); });
    EXPECT_EQ(lab.counters().sessions, 1U) << "nothing happens until somebody speaks";
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.endings(), ElementsAre("the new rules decide otherwise"));
    EXPECT_EQ(lab.dropped(DropReason::no_session), 1U);
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(RuleChange, TheReplyEndsItAsWell) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) { remove_nat_rule(rules, 196612); });
    lab.web_server.answer();
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(RuleChange, WhatTheFirewallNoLongerAllowsEnds) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) {
        for (auto& rule : rules.firewall)
            if (rule.id == 3) rule.enabled = false;
    });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(RuleChange, AnErrorEndsItAsWellAndGoesNowhere) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(9));
    const SeenPacket sent = lab.internet.received_one();
    lab.change_rules([](gateway::Ruleset& rules) {
        std::erase_if(rules.firewall, [](const gateway::FirewallRule& rule) { return rule.id == 2; });
    });
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 3, std::span{sent.l3}).from(kInternet).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_no_session), 1U);
    EXPECT_THAT(lab.counters(), Sessions(0));
}

TEST(RuleChange, AnUnrelatedOneLeavesTheSessionAndItsTranslation) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const gateway::Session before = lab.sessions().at(0);
    lab.change_rules([](gateway::Ruleset& rules) {
        remove_nat_rule(rules, 196611);
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(9, gateway::FirewallAction::drop, at("192.0.2.0/24"), anybody()));
    });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kGateway, before.reply_key.destination_port.number()))));
    lab.web_server.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, 80), To(kWorkstation, 40000))));

    const gateway::Session after = lab.sessions().at(0);
    EXPECT_EQ(after.id(), before.id());
    EXPECT_EQ(after.reply_key, before.reply_key);
    EXPECT_EQ(after.packets[0], before.packets[0] + 1);
    EXPECT_THAT(lab.endings(), IsEmpty());
}

TEST(RuleChange, ARuleThatTakesOverIsTheSessionsRuleFromThenOn) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(9, gateway::FirewallAction::accept, by(kLan), anybody()));
    });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    EXPECT_EQ(lab.sessions().at(0).firewall_rule, 9U);
    EXPECT_THAT(lab.endings(), IsEmpty());
}

TEST(RuleChange, AnotherServerGetsNewConnectionsAndNotOldOnes) {
    HairpinLab lab;
    Host& other =
        lab.add_host({"other server", "lan", MacAddress::from_number(0x0200'0000'bb0b), kLanMac, {{192, 168, 255, 11}}});
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) {
        for (auto& rule : rules.nat)
            if (rule.id == 196613) rule.translated_address = addresses("192.168.255.11");
    });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5));
    EXPECT_THAT(other.received(), IsEmpty()) << "it would not know what this is about";
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    lab.connect(lab.workstation, other, kWorkstation, 40000, kExternal, 80);
}

// The route changes; the session follows it, its translation being the same.
TEST(RuleChange, ANewRouteIsTakenByOldSessions) {
    HairpinLab lab;
    Host& other =
        lab.add_host({"other router", "wan", MacAddress::from_number(0x0200'0000'bb99), kUplinkMac, {{203, 0, 113, 2}}});
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const auto before = lab.sessions().at(0).id();
    lab.change_rules([](gateway::Ruleset& rules) { rules.routes[0].next_hop = Ipv4Address{203, 0, 113, 2}; });
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(5));
    EXPECT_THAT(other.received(), SizeIs(1));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.sessions().at(0).id(), before);
}

TEST(RuleChange, AShorterTimeoutIsForLivingSessionsToo) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(7));
    lab.change_rules([](gateway::Ruleset& rules) { rules.timeouts.set(gateway::SessionState::icmp, 2s); });
    expect_life_of(lab, 2s);
}

// RFC 792's timestamps are queries, too; a rule may name their type.
// A session of queries lets queries of one type go one way, and their replies the other: all else would be let in by no rule.
TEST(QuerySession, CarriesItsOwnQueriesAndTheirRepliesAlone) {
    HairpinLab lab;
    const auto ping = [] { return icmp_echo().from(kWorkstation).to(kInternet).identifier(77); };
    lab.workstation.send(ping());
    const unsigned outside = lab.internet.received_one().source_port;
    for (const IcmpType type : {IcmpType::echo_request, IcmpType::timestamp_request, IcmpType::timestamp_reply})
        lab.internet.send(icmp_echo().icmp(type).from(kInternet).to(kExternal).identifier(outside));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.workstation.send(ping().icmp(IcmpType::timestamp_request));
    lab.workstation.send(ping().icmp(IcmpType::echo_reply));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::invalid_state), 5U);
    lab.internet.send(icmp_echo_reply().from(kInternet).to(kExternal).identifier(outside));
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
}

// Whoever was connected to knows the address and port of the client; for a connection the other way he needs a rule as anybody does.
TEST(ConnectionThatIsOver, LetsNoOtherInTheOtherWay) {
    for (const auto tracking : {gateway::TcpTracking::strict, gateway::TcpTracking::liberal, gateway::TcpTracking::loose}) {
        HairpinLab lab{[tracking](gateway::Ruleset& rules) { rules.tcp_tracking = tracking; }};
        lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
        const unsigned port = lab.internet.last().source_port;
        lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().fin());
        lab.internet.answer();
        lab.workstation.answer();
        ASSERT_EQ(lab.sessions().at(0).state, SessionState::closed);
        lab.workstation.received();
        lab.internet.send(tcp().from(kInternet, 80).to(kExternal, port).syn());
        EXPECT_THAT(lab.workstation.received(), IsEmpty());
        EXPECT_THAT(lab.counters(), Sessions(1)) << "and it lives as long as it would have";
    }
}

TEST(ConnectionThatIsOver, MakesRoomForAnotherThatTheRulesLetIn) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.nat.clear();
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(9, gateway::FirewallAction::accept, by(kUplink), at("192.168.255.2")));
    }};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().fin());
    lab.internet.answer();
    lab.workstation.answer();
    lab.workstation.received();
    lab.internet.send(tcp().from(kInternet, 80).to(kWorkstation, 40000).syn());
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
    EXPECT_THAT(lab.endings(), ElementsAre("a new connection the other way round"));
    EXPECT_EQ(lab.sessions().at(0).firewall_rule, 9U);
}

TEST(RuleChange, AQuerysTypeIsRemembered) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        auto rule = firewall_rule(9, gateway::FirewallAction::accept, at("192.168.255.2"), at("198.51.100.10"));
        rule.services.push_back({IpProtocol::icmp, {}, {}, static_cast<std::uint8_t>(IcmpType::timestamp_request)});
        std::erase_if(rules.firewall, [](const auto& other) { return other.id == 2; });
        rules.firewall.insert(rules.firewall.begin(), rule);
    }};
    const auto ask = icmp_echo().from(kWorkstation).to(kInternet).identifier(7).icmp(IcmpType::timestamp_request);
    lab.workstation.send(ask);
    ASSERT_EQ(lab.counters().sessions, 1U);
    lab.change_rules([](gateway::Ruleset&) {});
    lab.workstation.send(ask);
    EXPECT_THAT(lab.endings(), IsEmpty());
    EXPECT_THAT(lab.internet.received(), SizeIs(2));
}

TEST(RuleChange, CountsOfARuleSurviveIt) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) { remove_nat_rule(rules, 196613); });
    EXPECT_EQ(lab.hits(196613), 1U) << "ids are never reused";
    EXPECT_EQ(lab.hits(3), 1U);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    EXPECT_EQ(lab.gateway().rule_counters().of(3).bytes, 3U * 40) << "of the session that has ended";
}

}  // namespace
}  // namespace hairpin::testing
