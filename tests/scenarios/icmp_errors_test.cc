// Who is told what became of a packet, and in whose words: an ICMP error quotes the packet as its receiver sent it.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SeenMatcher Mtu(unsigned mtu) { return Field("mtu", &SeenPacket::icmp_rest, mtu); }

// Acceptance (i): the server's error about the hairpinned packet.
TEST(Rfc5508, Req7Errors_Req7a_AnErrorAboutAHairpinnedPacketReachesTheClient) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    const SeenPacket seen = lab.web_server.received_one();
    lab.web_server.send(icmp_error(IcmpType::destination_unreachable, 3, seen.l3).from(kWebServer).to(kGateway));
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 3, From(kExternal), To(kWorkstation),
                                 About(Tcp(From(kWorkstation, 40000), To(kExternal, 80), Flags(TcpHeader::kSyn))))));
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0))) << "RFC 5382 REQ-10: no error ends a session";
}

TEST(Rfc5508, Req7Errors_Req7a_TheClientsErrorAboutAHairpinnedReplyReachesTheServer) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    const unsigned server_side = lab.web_server.received_one().source_port;
    lab.web_server.answer();
    const SeenPacket seen = lab.workstation.received_one();
    lab.workstation.send(icmp_error(IcmpType::destination_unreachable, 3, seen.l3).from(kWorkstation).to(kExternal));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Icmp(3, 3, From(kGateway), To(kWebServer),
                                                            About(Tcp(From(kWebServer, 80), To(kGateway, server_side))))));
}

TEST(Rfc5508, Req4a_Req4b_Req4c_AnErrorFromARouterOutsideKeepsItsSource) {
    HairpinLab lab;
    for (const PacketBuilder& sent :
         {tcp().from(kWorkstation, 40000).to(kInternet, 80).syn(), udp().from(kWorkstation, 40000).to(kInternet, 80).payload(20),
          udp().from(kWorkstation, 40001).to(kInternet, 80).payload(20).no_udp_checksum(),
          icmp_echo().from(kWorkstation).to(kInternet).identifier(77).payload(20)}) {
        lab.workstation.send(sent);
        const SeenPacket seen = lab.internet.received_one();
        lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, seen.l3).from(kRouter).to(kExternal));
        const SeenPacket error = lab.workstation.received_one();
        const SeenPacket original = SeenPacket::of_l3(sent.l3_bytes());
        EXPECT_THAT(error, Icmp(11, 0, From(kRouter), To(kWorkstation)));
        EXPECT_THAT(error.quote(), AllOf(Protocol(original.protocol), From(kWorkstation, original.source_port),
                                         To(kInternet, original.destination_port), Carries(original.payload)));
    }
    EXPECT_EQ(lab.counters().drops, 0U);
}

// Only the first 8 bytes of L4 are quoted: no TCP checksum to mend.
TEST(Rfc5508, Req4a_AShortQuoteIsTranslatedToo) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, std::span{seen.l3}.first(28)).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0, About(Tcp(From(kWorkstation, 40000), To(kInternet, 80))))));
}

TEST(Rfc5508, Req5a_Req5b_Req5c_AnErrorFromInsideShowsNoInsideAddress) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    const SeenPacket seen = lab.web_server.received_one();
    lab.web_server.send(icmp_error(IcmpType::destination_unreachable, 3, seen.l3).from(kWebServer).to(kInternet));
    EXPECT_THAT(lab.internet.received(),
                ElementsAre(Icmp(3, 3, From(kExternal), To(kInternet), About(Tcp(From(kInternet, 5000), To(kExternal, 80))))));
}

TEST(Rfc5508, Req3_AnErrorWithABadChecksumIsDropped) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, seen.l3).from(kRouter).to(kExternal).bad_l4_checksum());
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::l4_checksum), 1U);
}

TEST(Rfc5508, Req4_AnErrorAboutNoSessionIsDropped) {
    HairpinLab lab;
    const Bytes never_sent = tcp().from(kExternal, 40000).to(kInternet, 80).syn().l3_bytes();
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 1, never_sent).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_no_session), 1U);
}

TEST(Rfc1812, Section5_3_1_Section4_3_3_4_TheTimeToLiveRunsOut) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 33434).ttl(1).payload(32));
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(11, 0, From(kGateway), To(kWorkstation),
                                 About(Udp(From(kWorkstation, 40000), To(kInternet, 33434), Ttl(1))))));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::ttl_expired), 1U);

    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 33435).ttl(2).payload(32));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(Ttl(1))));
}

TEST(Rfc1812, Section5_3_1_Section4_3_3_4_TheTimeToLiveRunsOutInAHairpin) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().ttl(1));
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(11, 0, From(kGateway), About(Tcp(From(kWorkstation, 40000), To(kExternal, 80))))));
    lab.workstation.send(tcp().from(kWorkstation, 40001).to(kExternal, 80).syn());
    const SeenPacket seen = lab.web_server.received_one();
    lab.web_server.send(answer_to(seen).ttl(1));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Icmp(11, 0, From(kGateway), To(kWebServer),
                                                            About(Tcp(From(kWebServer, 80), To(kGateway, seen.source_port))))));
}

// A redirect tells a host of another router on its own link: from elsewhere it is a lie about a link that its sender cannot see.
TEST(IcmpErrors, ARedirectOrSourceQuenchIsForwardedToNobody) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    const SeenPacket seen = lab.internet.received_one();
    for (const IcmpType type : {IcmpType::redirect, IcmpType::source_quench})
        lab.internet.send(icmp_error(type, 0, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_not_forwarded), 2U);
}

HairpinLab::Change narrow_uplink(unsigned mtu) {
    return [mtu](gateway::Ruleset& rules) { rules.interfaces[index_of(kUplink)].mtu = mtu; };
}

TEST(Rfc1191, Section4_TooBigWithDontFragmentSaysHowBigItMayBe) {
    HairpinLab lab{narrow_uplink(1000)};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(973).dont_fragment());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 4, From(kGateway), To(kWorkstation), Mtu(1000),
                                                             About(Udp(From(kWorkstation, 40000), To(kInternet, 53))))));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::too_big), 1U);

    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(972).dont_fragment());
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "1000 bytes fit";
}

TEST(Rfc1191, Section4_OfAReplyTheServerIsToldInItsOwnWords) {
    HairpinLab lab{narrow_uplink(1000)};
    lab.connect(lab.internet, lab.web_server, kInternet, 5000, kExternal, 80);
    lab.web_server.send(tcp().from(kWebServer, 80).to(kInternet, 5000).ack().payload(1460).dont_fragment());
    EXPECT_THAT(lab.web_server.received(),
                ElementsAre(Icmp(3, 4, From(kGateway), Mtu(1000), About(Tcp(From(kWebServer, 80), To(kInternet, 5000))))));
}

TEST(Rfc1191, Section4_ASuperPacketsSegmentsMustFitEach) {
    HairpinLab lab{narrow_uplink(1000)};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(5000).super_packet(961));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 4, Mtu(1000))));
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(5000).super_packet(960));
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
}

TEST(Rfc1812, Section5_2_6_WithoutDontFragmentItIsCut) {
    HairpinLab lab{narrow_uplink(1000)};
    const PacketBuilder sent = udp().from(kWorkstation, 40000).to(kInternet, 53).payload(1400).ip_id(77);
    lab.workstation.send(sent);
    const auto pieces = lab.internet.received();
    ASSERT_THAT(pieces, SizeIs(2));
    EXPECT_THAT(pieces, Each(AllOf(From(kExternal), To(kInternet), Field(&SeenPacket::id, pieces.front().id), Ttl(63))));
    const SeenPacket whole = reassembled(pieces);
    EXPECT_THAT(whole, Udp(From(kExternal), To(kInternet, 53), Carries(SeenPacket::of_l3(sent.l3_bytes()).payload)));
    EXPECT_EQ(lab.counters().drops, 0U);
}

TEST(Rfc1812, Section5_2_6_WhatHadAPartialChecksumIsCutWithACompleteOne) {
    HairpinLab lab{narrow_uplink(1000)};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(1400).partial_checksum());
    EXPECT_THAT(reassembled(lab.internet.received()), Udp(From(kExternal), To(kInternet, 53)));
}

TEST(Rfc1812, Section3_3_2_Section4_3_3_1_ANeighborThatIsSilentIsAHostUnreachable) {
    HairpinLab lab;
    lab.web_server.answers_arp = false;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "an ARP miss alone is no unreachable";
    lab.wait(2900ms);
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.wait(200ms);
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 1, From(kGateway), To(kWorkstation),
                                 About(Tcp(From(kWorkstation, 40000), To(kExternal, 80), Flags(TcpHeader::kSyn))))));
    EXPECT_EQ(lab.web_server.arp_requests, 3U);
    EXPECT_EQ(lab.dropped(DropReason::neighbor_unresolved), 1U);

    // The next one is answered at once, and nobody is asked.
    lab.workstation.send(tcp().from(kWorkstation, 40001).to(kExternal, 80).syn());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 1, About(Tcp(From(kWorkstation, 40001), To(kExternal, 80))))));
    EXPECT_EQ(lab.web_server.arp_requests, 3U);
}

TEST(Rfc1812, Section4_3_3_1_ASilentRouterIsAHostUnreachableWithTheOriginalAddresses) {
    HairpinLab lab;
    lab.internet.answers_arp = false;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    lab.wait(4s);
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 1, From(kGateway), About(Udp(From(kWorkstation, 40000), To(kInternet, 53))))));
}

TEST(Rfc1812, Section4_3_3_1_TheServersOwnReplyFindsNobody) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    const SeenPacket seen = lab.web_server.received_one();
    lab.workstation.answers_arp = false;
    lab.gateway().neighbors().clear();
    lab.web_server.answer();
    lab.wait(4s);
    EXPECT_THAT(lab.web_server.received(),
                ElementsAre(Icmp(3, 1, To(kWebServer), About(Tcp(From(kWebServer, 80), To(kGateway, seen.source_port))))));
}

TEST(Rfc1812, Section4_3_3_1_NoRouteIsANetworkUnreachable) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.routes.clear(); }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 0, From(kGateway), About(Udp(From(kWorkstation, 40000), To(kInternet, 53))))));
    EXPECT_EQ(lab.dropped(DropReason::no_route), 1U);
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(Firewall, ARejectingRuleSaysSo) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(5, gateway::FirewallAction::reject, anybody(), anybody(),
                                                                    {service(IpProtocol::tcp, {25})}));
    }};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 25).syn());
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 13, From(kGateway), About(Tcp(From(kWorkstation, 40000), To(kInternet, 25))))));
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U);
    EXPECT_EQ(lab.hits(5), 1U);
}

HairpinLab::Change resetting(std::optional<gateway::RejectWith> rule, gateway::RejectWith otherwise) {
    return [=](gateway::Ruleset& rules) {
        rules.reject_with = otherwise;
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(5, gateway::FirewallAction::reject, anybody(), by(kUplink)));
        rules.firewall.front().reject_with = rule;
    };
}

// RFC 9293 §3.10.7.1: as the host would that is asked for, were nobody listening there.
TEST(Firewall, ARejectingRuleMayResetTcp) {
    HairpinLab lab{resetting(gateway::RejectWith::tcp_reset, gateway::RejectWith::icmp)};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 25).syn().sequence(7).payload(10));
    const SeenPacket reset = lab.workstation.received_one();
    EXPECT_THAT(reset, Tcp(From(kInternet, 25), To(kWorkstation, 40000), Flags(TcpHeader::kRst | TcpHeader::kAck)));
    EXPECT_EQ(reset.tcp_sequence, 0U);
    EXPECT_EQ(reset.tcp_acknowledgment, 18U) << "the SYN, and what it carried";
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U);
    EXPECT_THAT(lab.counters(), Sessions(0));
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13)));
}

TEST(Firewall, WhatRejectedPacketsAreToldIsTheRulesMatterFirst) {
    using enum gateway::RejectWith;
    const auto told_a_reset = [](std::optional<gateway::RejectWith> rule, gateway::RejectWith otherwise) {
        HairpinLab lab{resetting(rule, otherwise)};
        lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 25).syn());
        return lab.workstation.received_one().protocol == IpProtocol::tcp;
    };
    EXPECT_TRUE(told_a_reset({}, tcp_reset));
    EXPECT_FALSE(told_a_reset({}, icmp));
    EXPECT_FALSE(told_a_reset(icmp, tcp_reset));
    EXPECT_TRUE(told_a_reset(tcp_reset, icmp));
}

// What takes part in no connection that is known is refused by its own numbers.
TEST(Firewall, AResetAnswersAnAckByItsNumber) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        resetting(gateway::RejectWith::tcp_reset, gateway::RejectWith::icmp)(rules);
        rules.tcp_tracking = gateway::TcpTracking::loose;
    }};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 25).sequence(7).acknowledge(900));
    const SeenPacket reset = lab.workstation.received_one();
    EXPECT_THAT(reset, Tcp(Flags(TcpHeader::kRst)));
    EXPECT_EQ(reset.tcp_sequence, 900U);
}

TEST(Firewall, ResetsAreLimitedWithTheErrors) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        resetting(gateway::RejectWith::tcp_reset, gateway::RejectWith::icmp)(rules);
        rules.icmp.errors_per_second = 3;
    }};
    for (unsigned i = 0; i < 10; ++i) lab.workstation.send(tcp().from(kWorkstation, 40000 + i).to(kInternet, 25).syn());
    EXPECT_THAT(lab.workstation.received(), ::testing::SizeIs(3));
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 10U);
}

TEST(Firewall, ADroppingRuleSaysNothing) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kExternal, 9999));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U);
    EXPECT_EQ(lab.hits(gateway::kDefaultFirewallRule), 1U);
}

TEST(Rfc1812, Section4_3_3_1_AtTheGatewayItselfNobodyListens) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(5, gateway::FirewallAction::accept, anybody(), the_gateway()));
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kGateway, 53));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 3, From(kGateway), About(Udp(To(kGateway, 53))))));
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 1U);
}

TEST(Rfc1812, Section4_3_3_1Protocol_AProtocolThatTheGatewayDoesNotSpeak) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(5, gateway::FirewallAction::accept, anybody(), the_gateway()));
    }};
    lab.workstation.send(ip(89).from(kWorkstation).to(kGateway).payload(20));
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 2, From(kGateway), To(kWorkstation), About(Protocol(static_cast<IpProtocol>(89))))));
    lab.workstation.send(icmp_echo().icmp(IcmpType::timestamp_request).from(kWorkstation).to(kGateway));
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "ICMP it speaks";
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 2U);
}

// What is so small need not be cut, and then needs no identification.
TEST(Rfc6864, Section4_3_ErrorsAreAtomic) {
    HairpinLab lab;
    for (int i = 0; i < 2; ++i) {
        lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 33434).ttl(1).payload(1000));
        const SeenPacket error = lab.workstation.received_one();
        EXPECT_TRUE(error.dont_fragment);
        EXPECT_LE(error.total_length, 576U);
    }
}

TEST(Rfc1812, Section4_3_2_8_ErrorsHaveARate) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.icmp.errors_per_second = 2; }};
    for (int i = 0; i < 5; ++i) lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 33434).ttl(1));
    EXPECT_THAT(lab.workstation.received(), SizeIs(2));
    EXPECT_EQ(lab.dropped(DropReason::ttl_expired), 5U);
}

}  // namespace
}  // namespace hairpin::testing
