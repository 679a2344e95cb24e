// What must not pass, what it counts as, and that nobody else pays for it.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Nobody received anything, and one packet more was dropped for this reason.
void expect_silence(HairpinLab& lab, DropReason reason, std::uint64_t count = 1) {
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(reason), count) << name_of(reason);
    EXPECT_EQ(lab.counters().drops, count);
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(Refused, AForgedReplyWithoutSession) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 80).to(kExternal, 40000).syn().ack());
    expect_silence(lab, DropReason::no_session);
}

TEST(Refused, AForgedReplyBesideASession) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const unsigned outside = lab.internet.last().source_port;
    lab.internet.send(tcp().from(kRouter, 80).to(kExternal, outside).ack().payload(10));
    lab.internet.send(tcp().from(kInternet, 81).to(kExternal, outside).ack().payload(10));
    lab.internet.send(tcp().from(kInternet, 80).to(kExternal, outside ^ 1).ack().payload(10));
    lab.internet.send(udp().from(kInternet, 80).to(kExternal, outside).payload(10));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::no_session), 3U);
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U) << "UDP may begin a session, but not this one";
    EXPECT_EQ(lab.sessions().at(0).packets[1], 1U) << "the session saw none of it";
}

class RefusedFirstSegment : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(AllButSyn, RefusedFirstSegment,
                         ::testing::Values(0U, TcpHeader::kAck, TcpHeader::kFin, TcpHeader::kRst,
                                           TcpHeader::kFin | TcpHeader::kAck, TcpHeader::kRst | TcpHeader::kAck,
                                           TcpHeader::kSyn | TcpHeader::kAck, TcpHeader::kSyn | TcpHeader::kFin,
                                           TcpHeader::kSyn | TcpHeader::kRst));

TEST_P(RefusedFirstSegment, BeginsNoSession) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).flags(GetParam()));
    expect_silence(lab, DropReason::no_session);
}

TEST(Refused, AnUnsolicitedEchoReply) {
    HairpinLab lab;
    lab.internet.send(icmp_echo_reply().from(kInternet).to(kExternal).identifier(7));
    expect_silence(lab, DropReason::no_session);
}

TEST(Rfc1812, Section5_3_7_WhoeverSpeaksFromOurOwnAddresses) {
    for (const Ipv4Address own : {kExternal, kGateway}) {
        HairpinLab lab;
        lab.internet.send(tcp().from(own, 5000).to(kExternal, 80).syn());
        lab.workstation.send(udp().from(own, 5000).to(kInternet, 53));
        expect_silence(lab, DropReason::martian_source, 2);
    }
}

TEST(Rfc1812, Section5_3_7_MartianSources) {
    for (const Ipv4Address martian :
         {Ipv4Address{}, {0, 1, 2, 3}, {127, 0, 0, 1}, {224, 0, 0, 1}, {239, 1, 1, 1}, {240, 0, 0, 1}, {255, 255, 255, 255}}) {
        HairpinLab lab;
        lab.workstation.send(udp().from(martian, 5000).to(kInternet, 53));
        expect_silence(lab, DropReason::martian_source);
    }
}

TEST(Rfc1812, Section5_3_7_MartianDestinations) {
    for (const Ipv4Address martian :
         {Ipv4Address{0, 1, 2, 3}, {127, 0, 0, 1}, {224, 0, 0, 1}, {240, 0, 0, 1}, {255, 255, 255, 255}}) {
        HairpinLab lab;
        lab.workstation.send(udp().from(kWorkstation, 5000).to(martian, 53));
        expect_silence(lab, DropReason::martian_destination);
    }
}

TEST(Rfc1812, Section5_3_7_APacketToItsOwnSender) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 80).to(kWorkstation, 80).syn());
    expect_silence(lab, DropReason::martian_source);
}

TEST(Rfc1812, Section5_3_5_2_ADirectedBroadcast) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 5000).to({203, 0, 113, 255}, 53));
    lab.internet.send(udp().from(kInternet, 5000).to({192, 168, 255, 255}, 53));
    expect_silence(lab, DropReason::martian_destination, 2);
}

TEST(Rfc1812, Section5_3_4_AUnicastPacketInABroadcastFrame) {
    HairpinLab lab;
    lab.internet.send_as_is(
        tcp().from(kInternet, 5000).to(kExternal, 80).syn().from_mac(lab.internet.mac()).to_mac(MacAddress::broadcast()));
    expect_silence(lab, DropReason::link_broadcast);
}

TEST(Refused, AFrameForAnotherStation) {
    HairpinLab lab;
    lab.internet.send_as_is(tcp()
                                .from(kInternet, 5000)
                                .to(kExternal, 80)
                                .syn()
                                .from_mac(lab.internet.mac())
                                .to_mac(MacAddress::from_number(0x0200'0000'0999)));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(Refused, APortThatNobodyForwards) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 22).syn());
    lab.internet.send(udp().from(kInternet, 5000).to(kExternal, 80));
    expect_silence(lab, DropReason::firewall_denied, 2);
}

TEST(Refused, TheInsideByItsInsideAddress) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 5000).to(kWebServer, 80).syn());
    expect_silence(lab, DropReason::firewall_denied);
}

// NAT never implies accept.
TEST(Refused, WhatIsTranslatedButNotAllowed) {
    HairpinLab lab{[](gateway::Ruleset& rules) { std::erase_if(rules.firewall, [](const auto& rule) { return rule.id == 4; }); }};
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    expect_silence(lab, DropReason::firewall_denied);
    EXPECT_EQ(lab.hits(196610), 0U) << "the DNAT rule has translated no session";
}

Bytes options(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

TEST(Rfc7126, Section4_3_Section4_4_ASourceRouteIsNotFollowed) {
    HairpinLab lab;
    for (const unsigned type : {131U, 137U})
        lab.workstation.send(
            udp().from(kWorkstation, 5000).to(kInternet, 53).ip_options(options({type, 7, 4, 198, 51, 100, 1, 0})));
    expect_silence(lab, DropReason::options_not_allowed, 2);
}

TEST(Rfc7126, Section4_3_ASourceRouteBehindOtherOptionsIsNotOverlooked) {
    HairpinLab lab;
    lab.workstation.send(
        udp().from(kWorkstation, 5000).to(kInternet, 53).ip_options(options({1, 148, 4, 0, 0, 131, 7, 4, 198, 51, 100, 1})));
    expect_silence(lab, DropReason::options_not_allowed);
}

TEST(Rfc7126, Section4_3_Section4_4_OptionsThatAreNoListAreNotAllowed) {
    HairpinLab lab;
    for (const unsigned length : {0U, 1U})
        lab.workstation.send(udp().from(kWorkstation, 5000).to(kInternet, 53).ip_options(options({148, length, 0, 0})));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(12, 0), Icmp(12, 0)));
    expect_silence(lab, DropReason::options_malformed, 2);
}

TEST(Rfc7126, Section4_8_ARouterAlertPasses) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(9).ip_options(options({148, 4, 0, 0})));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal), To(kInternet, 53))));
}

TEST(Rfc1812, Section4_2_2_5_ABadHeaderChecksum) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 5000).to(kInternet, 53).bad_ip_checksum());
    expect_silence(lab, DropReason::header_checksum);
}

// An L4 checksum is its ends' business: a wrong one goes through, and stays wrong. The lab would complain, so the gateway is asked.
TEST(Refused, ABadL4ChecksumIsNotMendedByNat) {
    HairpinLab lab;
    const auto passage = lab.gateway().probe(
        kLan, udp().from(kWorkstation, 5000).to(kInternet, 53).payload(9).bad_l4_checksum().to_mac(kLanMac).in(lab.pool()),
        lab.now());
    ASSERT_TRUE(passage.forwarded);
    EXPECT_FALSE(checksums_hold(*lab.pool().make(passage.frame)));
}

// ---- No room ------------------------------------------------------------------------------------------------------------------

TEST(Rfc6888, Req11a_Req11d_AFullSessionTableRefusesTheNewcomerAlone) {
    HairpinLab lab{{.session_capacity = 2}};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);

    lab.workstation.send(tcp().from(kWorkstation, 40001).to(kExternal, 80).syn());
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 13, From(kGateway), About(Tcp(From(kWorkstation, 40001), To(kExternal, 80))))));
    EXPECT_EQ(lab.dropped(DropReason::session_table_full), 1U);
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.endings(), IsEmpty());

    // The two that were there go on.
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(5));
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(5));
    EXPECT_THAT(lab.internet.received(), SizeIs(1));

    // And when one of them ends, there is room.
    lab.gateway().clear_sessions([](const gateway::Session& session) { return session.original_key.destination == kInternet; });
    lab.workstation.send(tcp().from(kWorkstation, 40001).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));
}

TEST(Rfc6888, Req11a_Req11d_NoFreePortRefusesTheNewcomerAlone) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.nat[0].translated_port = port(2000); }};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40001).to(kInternet, 80).syn());
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 13, From(kGateway), About(Tcp(From(kWorkstation, 40001), To(kInternet, 80))))));
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 1U);
    EXPECT_EQ(lab.counters().sessions, 1U);

    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(5));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 2000))));
}

TEST(Refused, AMappingThatCannotBeToldApart) {
    HairpinLab lab;  // GRE has no port that could be another
    Host& second = lab.add_second_host();
    lab.workstation.send(ip(47).from(kWorkstation).to(kInternet).payload(8));
    second.send(ip(47).from(kSecondHost).to(kInternet).payload(8));
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    EXPECT_THAT(second.received(), ElementsAre(Icmp(3, 13, About(From(kSecondHost)))));
    EXPECT_EQ(lab.dropped(DropReason::nat_conflict), 1U);
}

}  // namespace
}  // namespace hairpin::testing
