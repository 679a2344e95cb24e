// What is neither TCP, UDP nor ICMP: by its ports, by what else tells its flows apart, or refused and counted.

#include "tests/support/other_protocols.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using gateway::SessionState;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SeenMatcher Of(IpProtocol protocol, SeenMatcher from, SeenMatcher to) { return AllOf(Protocol(protocol), from, to); }

PacketBuilder sctp_packet(Ipv4Address from, Ipv4Address to, const SctpWords& words) {
    return ip(132).from(from).to(to).payload(sctp(words));
}

// ---- UDP-Lite and DCCP: ports and checksum are translated

TEST(UdpLite, IsTranslatedByItsPortsAndItsChecksum) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    for (const unsigned coverage : {0U, 8U, 20U}) {
        const auto ask = [&](Ipv4Address from) {
            return udp_lite().from(from, 40000).to(kInternet, 53).coverage(coverage).payload(40);
        };
        lab.workstation.send(ask(kWorkstation));
        const SeenPacket first = lab.internet.received_one();
        second.send(ask(kSecondHost));
        const SeenPacket other = lab.internet.received_one();
        EXPECT_THAT(first, Of(IpProtocol::udp_lite, From(kExternal), To(kInternet, 53)));
        EXPECT_THAT(other, Of(IpProtocol::udp_lite, From(kExternal), To(kInternet, 53)));
        EXPECT_NE(first.source_port, other.source_port) << "two hosts with one port of theirs";

        lab.internet.send(udp_lite().from(kInternet, 53).to(kExternal, other.source_port).coverage(8).payload(3));
        EXPECT_THAT(second.received(), ElementsAre(Of(IpProtocol::udp_lite, From(kInternet, 53), To(kSecondHost, 40000))));
        lab.internet.send(udp_lite().from(kInternet, 53).to(kExternal, first.source_port).payload(3));
        EXPECT_THAT(lab.workstation.received(),
                    ElementsAre(Of(IpProtocol::udp_lite, From(kInternet, 53), To(kWorkstation, 40000))));
    }
    EXPECT_EQ(lab.counters().drops, 0U);
}

TEST(UdpLite, InFragmentsKeepsTheChecksumOfTheWhole) {
    HairpinLab lab;
    const Bytes l3 = udp_lite().from(kWorkstation, 40000).to(kInternet, 53).payload(1200).l3_bytes();
    const std::span l4 = std::span{l3}.subspan(20);
    const auto piece = [&](std::size_t at, std::size_t size, bool more) {
        return ip(136).from(kWorkstation).to(kInternet).fragment(at, more).payload(l4.subspan(at, size));
    };
    lab.workstation.send(piece(800, l4.size() - 800, false));
    lab.workstation.send(piece(0, 800, true));
    EXPECT_THAT(reassembled(lab.internet.received()), Of(IpProtocol::udp_lite, From(kExternal), To(kInternet, 53)));
}

TEST(Dccp, IsTranslatedByItsPortsAndItsChecksum) {
    HairpinLab lab;
    lab.workstation.send(dccp(DccpType::request).from(kWorkstation, 40000).to(kInternet, 5001).payload(4));
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_THAT(seen, Of(IpProtocol::dccp, From(kExternal), To(kInternet, 5001)));
    lab.internet.send(dccp(DccpType::response).from(kInternet, 5001).to(kExternal, seen.source_port).coverage(1).payload(9));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Of(IpProtocol::dccp, From(kInternet, 5001), To(kWorkstation, 40000))));
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::dccp_opening);
    lab.workstation.send(dccp(DccpType::ack).from(kWorkstation, 40000).to(kInternet, 5001));
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::dccp_established);
}

TEST(Rfc5597, Checksum_IsRightWhateverItCovers) {
    HairpinLab lab;
    for (unsigned coverage = 0; coverage < 16; ++coverage) {
        const auto ask = dccp(DccpType::request).from(kWorkstation, 40000 + coverage).to(kInternet, 5001).coverage(coverage);
        lab.workstation.send(PacketBuilder{ask}.payload(33));
        const SeenPacket seen = lab.internet.received_one();  // the lab has verified it
        EXPECT_THAT(seen, From(kExternal));
        lab.internet.send(
            dccp(DccpType::response).from(kInternet, 5001).to(kExternal, seen.source_port).coverage(coverage).payload(21));
        EXPECT_THAT(lab.workstation.received(), SizeIs(1));
    }
}

TEST(Rfc5597, Timers_AConnectionLivesForTwoHoursAndFourMinutesAnyOtherForEight) {
    const auto life = [](HairpinLab& lab, Duration idle) {
        lab.wait(idle);
        EXPECT_EQ(lab.counters().sessions, 1U);
        lab.wait(Tick::kLength);
        EXPECT_EQ(lab.counters().sessions, 0U);
    };
    HairpinLab opening;
    opening.workstation.send(dccp(DccpType::request).from(kWorkstation, 40000).to(kInternet, 5001));
    life(opening, 8min);

    HairpinLab up;
    up.workstation.send(dccp(DccpType::request).from(kWorkstation, 40000).to(kInternet, 5001));
    up.internet.send(dccp(DccpType::response).from(kInternet, 5001).to(kExternal, up.internet.last().source_port));
    up.workstation.send(dccp(DccpType::ack).from(kWorkstation, 40000).to(kInternet, 5001));
    life(up, 2h + 4min);
}

// Hairpin is not code: the guide's two rules, for another protocol.
TEST(Dccp, HairpinsByTheGuidesRules) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        for (auto& rule : rules.nat)
            if (rule.id == 196613) rule.protocol = IpProtocol::dccp;
        rules.firewall[3].services = {service(IpProtocol::dccp, {80})};
    }};
    lab.workstation.send(dccp(DccpType::request).from(kWorkstation, 40000).to(kExternal, 80));
    const SeenPacket seen = lab.web_server.received_one();
    EXPECT_THAT(seen, Of(IpProtocol::dccp, From(kGateway), To(kWebServer, 80)));
    lab.web_server.send(dccp(DccpType::response).from(kWebServer, 80).to(kGateway, seen.source_port));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Of(IpProtocol::dccp, From(kExternal, 80), To(kWorkstation, 40000))));
}

TEST(Dccp, AnErrorAboutItReachesItsSender) {
    HairpinLab lab;
    lab.workstation.send(dccp(DccpType::request).from(kWorkstation, 40000).to(kInternet, 5001).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 4, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(),
                ElementsAre(Icmp(3, 4, About(Of(IpProtocol::dccp, From(kWorkstation, 40000), To(kInternet, 5001))))));
}

TEST(Dccp, AResponseToNothingBeginsNothing) {
    HairpinLab lab;
    lab.workstation.send(dccp(DccpType::response).from(kWorkstation, 40000).to(kInternet, 5001));
    EXPECT_EQ(lab.dropped(DropReason::no_session), 1U);
}

// ---- SCTP: addresses alone

TEST(Sctp, KeepsItsPortsAndItsChecksum) {
    HairpinLab lab;
    lab.workstation.send(sctp_packet(kWorkstation, kInternet, {40000, 5060, 0, SctpChunkType::init, 0xc11e'0001}));
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_THAT(seen, Of(IpProtocol::sctp, From(kExternal, 40000), To(kInternet, 5060)));
    lab.internet.send(sctp_packet(kInternet, kExternal, {5060, 40000, 0xc11e'0001, SctpChunkType::init_ack, 0x5e17'0002}));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Of(IpProtocol::sctp, From(kInternet, 5060), To(kWorkstation, 40000))));
    lab.workstation.send(sctp_packet(kWorkstation, kInternet, {40000, 5060, 0x5e17'0002, SctpChunkType::cookie_echo}));
    lab.internet.send(sctp_packet(kInternet, kExternal, {5060, 40000, 0xc11e'0001, SctpChunkType::cookie_ack}));
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::sctp_established);
    EXPECT_EQ(lab.counters().drops, 0U);
}

TEST(Sctp, TheSamePortOfTwoHostsTowardsOnePeerIsRefused) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    const SctpWords init{40000, 5060, 0, SctpChunkType::init, 1};
    lab.workstation.send(sctp_packet(kWorkstation, kInternet, init));
    second.send(sctp_packet(kSecondHost, kInternet, init));
    EXPECT_THAT(lab.internet.received(), ElementsAre(From(kExternal, 40000)));
    EXPECT_THAT(second.received(), ElementsAre(Icmp(3, 13, About(From(kSecondHost)))));
    EXPECT_EQ(lab.dropped(DropReason::nat_conflict), 1U);

    second.send(sctp_packet(kSecondHost, kRouter, init));
    second.send(sctp_packet(kSecondHost, kInternet, {40001, 5060, 0, SctpChunkType::init, 1}));
    EXPECT_THAT(lab.internet.received(), ElementsAre(To(kRouter, 5060), From(kExternal, 40001))) << "another peer, another port";
}

TEST(Sctp, IsForwardedToAnInsideServer) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        auto rule = dnat(65537, on({kUplink}), IpProtocol::sctp, "203.0.113.80", port(5060), "192.168.255.10", port(5060));
        rule.translated_port.reset();
        rules.nat.push_back(rule);
        rules.firewall[4].services = {service(IpProtocol::sctp, {5060})};
    }};
    lab.internet.send(sctp_packet(kInternet, kExternal, {40000, 5060, 0, SctpChunkType::init, 7}));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Of(IpProtocol::sctp, From(kInternet, 40000), To(kWebServer, 5060))));
    lab.web_server.send(sctp_packet(kWebServer, kInternet, {5060, 40000, 7, SctpChunkType::init_ack, 8}));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Of(IpProtocol::sctp, From(kExternal, 5060), To(kInternet, 40000))));
}

// ---- GRE

PacketBuilder call(Ipv4Address from, Ipv4Address to, unsigned id) { return ip(47).from(from).to(to).payload(enhanced_gre(id)); }

// Each side's packets name the other's call alone: the first answer tells which is whose.
TEST(Gre, CallsOfTwoHostsToOneServerAreToldApartByTheAnswersCallIds) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    lab.workstation.send(call(kWorkstation, kInternet, 100));
    lab.internet.send(call(kInternet, kExternal, 7));
    second.send(call(kSecondHost, kInternet, 101));
    lab.internet.send(call(kInternet, kExternal, 8));
    EXPECT_THAT(lab.internet.received(), ElementsAre(From(kExternal), From(kExternal)));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Of(IpProtocol::gre, From(kInternet), To(kWorkstation))));
    EXPECT_THAT(second.received(), ElementsAre(Of(IpProtocol::gre, From(kInternet), To(kSecondHost))));

    for (int i = 0; i < 2; ++i) {
        lab.internet.send(call(kInternet, kExternal, 8));
        lab.internet.send(call(kInternet, kExternal, 7));
    }
    EXPECT_THAT(lab.workstation.received(), SizeIs(2));
    EXPECT_THAT(second.received(), SizeIs(2));
    EXPECT_THAT(lab.counters(), AllOf(Sessions(2), Drops(0)));
    for (const auto& session : lab.sessions()) {
        EXPECT_EQ(session.state, SessionState::gre_stream);
        EXPECT_TRUE(session.translated());
    }
}

TEST(Gre, WhileACallIsUnansweredAnotherHostsToThatServerIsRefused) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    lab.workstation.send(call(kWorkstation, kInternet, 100));
    second.send(call(kSecondHost, kInternet, 101));
    EXPECT_EQ(lab.dropped(DropReason::nat_conflict), 1U);
    EXPECT_THAT(lab.internet.received(), SizeIs(1));

    lab.internet.send(call(kInternet, kExternal, 7));
    second.send(call(kSecondHost, kInternet, 101));  // as PPP does, three seconds later
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    EXPECT_EQ(lab.counters().sessions, 2U);
}

TEST(Gre, AnUnknownCallFromOutsideIsNobodys) {
    HairpinLab lab;
    lab.workstation.send(call(kWorkstation, kInternet, 100));
    lab.internet.send(call(kInternet, kExternal, 7));
    lab.workstation.received();
    lab.internet.send(call(kInternet, kExternal, 8));
    lab.internet.send(call(kRouter, kExternal, 7));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 2U);
}

TEST(Gre, OfAnInsideServerAnswersItsClientsApart) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        auto rule = dnat(65537, on({kUplink}), IpProtocol::gre, "203.0.113.80", port(1), "192.168.255.10", port(1));
        rule.original_port.reset();
        rule.translated_port.reset();
        rules.nat.push_back(rule);
        rules.firewall[4].services = {service(IpProtocol::gre)};
    }};
    lab.internet.send(call(kInternet, kExternal, 1));
    lab.internet.send(call(kRouter, kExternal, 2));
    EXPECT_THAT(lab.web_server.received(),
                ElementsAre(AllOf(From(kInternet), To(kWebServer)), AllOf(From(kRouter), To(kWebServer))));
    lab.web_server.send(call(kWebServer, kRouter, 9));
    lab.web_server.send(call(kWebServer, kInternet, 9));
    EXPECT_THAT(lab.internet.received(), ElementsAre(AllOf(From(kExternal), To(kRouter)), AllOf(From(kExternal), To(kInternet))));
}

TEST(Gre, TunnelsWithKeysAreToldApartByThem) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    lab.workstation.send(ip(47).from(kWorkstation).to(kInternet).payload(gre(17)));
    second.send(ip(47).from(kSecondHost).to(kInternet).payload(gre(18)));
    second.send(ip(47).from(kSecondHost).to(kInternet).payload(gre(17)));
    EXPECT_THAT(lab.internet.received(), SizeIs(2));
    EXPECT_EQ(lab.dropped(DropReason::nat_conflict), 1U) << "the workstation's key";
    lab.internet.send(ip(47).from(kInternet).to(kExternal).payload(gre(18)));
    EXPECT_THAT(second.received(), ElementsAre(Icmp(3, 13), Of(IpProtocol::gre, From(kInternet), To(kSecondHost))));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Gre, AnErrorAboutAKeyedTunnelReachesItsSender) {
    HairpinLab lab;
    lab.workstation.send(ip(47).from(kWorkstation).to(kInternet).payload(gre(17)));
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 4, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 4, About(AllOf(From(kWorkstation), To(kInternet))))));
}

TEST(Gre, AnErrorAboutACallReachesItsSenderUntilItIsAnsweredAndWithoutTranslationAlways) {
    HairpinLab lab;
    lab.workstation.send(call(kWorkstation, kInternet, 100));
    const Bytes seen = lab.internet.received_one().l3;
    const auto error = [&](Ipv4Address to) {
        return icmp_error(IcmpType::destination_unreachable, 4, seen).from(kRouter).to(to);
    };
    lab.internet.send(error(kExternal));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 4, About(AllOf(From(kWorkstation), To(kInternet))))));
    lab.internet.send(call(kInternet, kExternal, 7));
    lab.workstation.received();
    lab.internet.send(error(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_no_session), 1U);

    HairpinLab routed{[](gateway::Ruleset& rules) { rules.nat.clear(); }};
    routed.workstation.send(call(kWorkstation, kInternet, 100));
    const Bytes as_sent = routed.internet.received_one().l3;
    routed.internet.send(call(kInternet, kWorkstation, 7));
    routed.workstation.received();
    routed.internet.send(icmp_error(IcmpType::destination_unreachable, 4, as_sent).from(kRouter).to(kWorkstation));
    EXPECT_THAT(routed.workstation.received(), ElementsAre(Icmp(3, 4, About(AllOf(From(kWorkstation), To(kInternet))))));
}

TEST(Gre, WithoutTranslationIsNoneOfATranslation) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.nat.clear(); }};
    lab.workstation.send(call(kWorkstation, kInternet, 100));
    lab.internet.send(call(kInternet, kWorkstation, 7));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Of(IpProtocol::gre, From(kInternet), To(kWorkstation))));
    EXPECT_FALSE(lab.sessions().at(0).translated());
    EXPECT_FALSE(lab.sessions().at(0).hides_source());
}

TEST(Gre, ACallLivesOnUnderNewRulesThatDecideAlike) {
    HairpinLab lab;
    lab.workstation.send(call(kWorkstation, kInternet, 100));
    lab.internet.send(call(kInternet, kExternal, 7));
    lab.change_rules([](gateway::Ruleset&) {});
    lab.internet.send(call(kInternet, kExternal, 7));
    EXPECT_THAT(lab.workstation.received(), SizeIs(2));
    EXPECT_THAT(lab.endings(), IsEmpty());
}

// ---- IPsec

TEST(Esp, OfOneHostTowardsAPeerPassesAndLivesThroughNewKeys) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    lab.workstation.send(ip(50).from(kWorkstation).to(kInternet).payload(esp(0x1000)));
    lab.internet.send(ip(50).from(kInternet).to(kExternal).payload(esp(0x2000)));
    lab.internet.send(ip(50).from(kInternet).to(kExternal).payload(esp(0x2001)));  // the peer's new key comes first
    EXPECT_THAT(lab.workstation.received(), SizeIs(2));
    EXPECT_THAT(lab.sessions(), SizeIs(1));

    second.send(ip(50).from(kSecondHost).to(kInternet).payload(esp(0x3000)));
    EXPECT_EQ(lab.dropped(DropReason::nat_conflict), 1U);
    second.send(ip(50).from(kSecondHost).to(kRouter).payload(esp(0x3000)));
    EXPECT_EQ(lab.counters().sessions, 2U) << "towards another peer it may";
}

TEST(Ah, CannotBeTranslatedAndItsSenderIsTold) {
    HairpinLab lab;
    lab.workstation.send(ip(51).from(kWorkstation).to(kInternet).payload(ah(0x1000)));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13, About(From(kWorkstation)))));
    EXPECT_EQ(lab.dropped(DropReason::nat_unsupported), 1U);
    EXPECT_EQ(lab.counters().sessions, 0U);
}

TEST(Ah, PassesWhereNothingIsTranslated) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.nat.clear(); }};
    lab.workstation.send(ip(51).from(kWorkstation).to(kInternet).payload(ah(0x1000)));
    EXPECT_THAT(lab.internet.received(), ElementsAre(From(kWorkstation)));
    lab.internet.send(ip(51).from(kInternet).to(kWorkstation).payload(ah(0x2000)));
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
}

}  // namespace
}  // namespace hairpin::testing
