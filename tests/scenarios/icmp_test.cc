// What the gateway says by ICMP, and what it makes of what others say.

#include "tests/scenarios/guide_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;

struct Said {
    int type = -1, code = -1;
    std::string quoted;
    unsigned mtu = 0;
    Ipv4Address source;
};

Said said(const PacketPtr& packet) {
    if (!packet) return {};
    const FrameView frame = FrameView::parse(*packet);
    if (!frame || frame.ipv4().protocol() != IpProtocol::icmp) return {};
    const QuotedView quoted = QuotedView::parse(frame.l4_bytes().subspan(sizeof(IcmpHeader)));
    return {frame.icmp().type_number, frame.icmp().code, quoted ? quoted.key().to_string() : "nothing",
            frame.icmp().sequence.value(), frame.ipv4().source};
}

TEST(Ping, TheExternalAddressIsAnsweredByTheGateway) {
    GuideLab lab;
    for (const Ipv4Address address : {kExternal, kGatewayLan}) {
        lab.workstation->send(icmp_echo().from(kWorkstation).to(address).identifier(7).icmp_sequence(3).payload(56));
        const PacketPtr reply = lab.workstation->only_packet();
        ASSERT_TRUE(reply);
        const FrameView frame = FrameView::parse(*reply);
        EXPECT_EQ(frame.icmp().type(), IcmpType::echo_reply);
        EXPECT_EQ(frame.icmp().identifier.value(), 7);
        EXPECT_EQ(frame.icmp().sequence.value(), 3);
        EXPECT_EQ(frame.ipv4().source, address);
        EXPECT_EQ(frame.l4_payload_length(), 56U);
    }
    EXPECT_EQ(lab.sessions(), 0U);
}

TEST(IcmpError, TimeExceededQuotesThePacketAsItWasSent) {
    GuideLab lab;
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().ttl(1));
    const Said error = said(lab.workstation->only_packet());
    EXPECT_EQ(error.type, 11);
    EXPECT_EQ(error.code, 0);
    EXPECT_EQ(error.quoted, "tcp 192.168.255.2:40000 -> 203.0.113.80:80");
    EXPECT_EQ(error.source, kGatewayLan);
    EXPECT_TRUE(lab.web_server->received().empty());
    EXPECT_EQ(lab.drops(DropReason::ttl_expired), 1U);
}

TEST(IcmpError, NoRouteIsSaid) {
    GuideLab lab{guide_configuration(R"("route": [{"prefix": "0.0.0.0/0", "next-hop": "203.0.113.1"}],)", "")};
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53));
    EXPECT_EQ(said(lab.workstation->only_packet()).code, 0);
    EXPECT_EQ(lab.drops(DropReason::no_route), 1U);
}

TEST(IcmpError, TooBigWithDontFragmentNamesTheMtu) {
    GuideLab lab{guide_configuration(R"("segment": "wan", "address")", R"("segment": "wan", "mtu": 1300, "address")")};
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(1400).dont_fragment());
    const Said error = said(lab.workstation->only_packet());
    EXPECT_EQ(error.type, 3);
    EXPECT_EQ(error.code, 4);
    EXPECT_EQ(error.mtu, 1300U);
    EXPECT_EQ(lab.drops(DropReason::too_big), 1U);
}

TEST(IcmpError, WithoutDontFragmentThePacketIsCut) {
    GuideLab lab{guide_configuration(R"("segment": "wan", "address")", R"("segment": "wan", "mtu": 1300, "address")")};
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(1400));
    Batch fragments = lab.internet->received();
    ASSERT_EQ(fragments.size(), 2U);
    for (const PacketPtr& fragment : fragments) {
        EXPECT_LE(fragment->size(), 1300U + sizeof(EthernetHeader));
        EXPECT_EQ(FrameView::parse(*fragment).ipv4().source, kExternal);
    }
}

TEST(IcmpError, AHostThatDoesNotAnswerArpIsUnreachableInTheSendersWords) {
    GuideLab lab;
    lab.web_server->stay_silent();
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_EQ(lab.gateway->held(), 1U);
    lab.advance(5s);
    const Said error = said(lab.workstation->only_packet());
    EXPECT_EQ(error.type, 3);
    EXPECT_EQ(error.code, 1);
    EXPECT_EQ(error.quoted, "tcp 192.168.255.2:40000 -> 203.0.113.80:80");
    EXPECT_EQ(lab.drops(DropReason::neighbor_unresolved), 1U);
}

TEST(IcmpError, AnErrorAboutAHairpinnedPacketReachesTheClientWithItsOwnAddresses) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kExternal, 53).payload(20));
    const PacketPtr arrived = lab.web_server->only_packet();
    ASSERT_TRUE(arrived);
    const auto quote = arrived->bytes().subspan(sizeof(EthernetHeader));
    lab.web_server->send(
        icmp_error(IcmpType::destination_unreachable, unreachable::kPort, quote).from(kWebServer).to(kGatewayLan));
    const PacketPtr packet = lab.workstation->only_packet();
    const Said error = said(packet);
    EXPECT_EQ(error.type, 3);
    EXPECT_EQ(error.code, 3);
    EXPECT_EQ(error.quoted, "udp 192.168.255.2:5000 -> 203.0.113.80:53");
    EXPECT_EQ(error.source, kExternal) << "the inside address of the server does not show";
    EXPECT_EQ(lab.sessions(), 1U) << "RFC 4787 REQ-12: an ICMP error ends no mapping";
}

TEST(IcmpError, AnErrorFromARouterOnTheWayKeepsTheRoutersAddress) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(20));
    const PacketPtr left = lab.internet->only_packet();
    ASSERT_TRUE(left);
    lab.internet->send(
        icmp_error(IcmpType::time_exceeded, 0, left->bytes().subspan(sizeof(EthernetHeader))).from(kRouter).to(kExternal));
    const Said error = said(lab.workstation->only_packet());
    EXPECT_EQ(error.type, 11);
    EXPECT_EQ(error.quoted, "udp 192.168.255.2:5000 -> 198.51.100.10:53");
    EXPECT_EQ(error.source, kRouter);
}

TEST(IcmpError, AboutNothingWeKnowIsDropped) {
    GuideLab lab;
    const Bytes never_sent = udp().from(kExternal, 5000).to(kInternet, 53).l3_bytes();
    lab.internet->send(icmp_error(IcmpType::destination_unreachable, 1, never_sent).from(kRouter).to(kExternal));
    EXPECT_EQ(lab.drops(DropReason::icmp_no_session), 1U);
    EXPECT_TRUE(lab.workstation->received().empty());
}

}  // namespace
}  // namespace hairpin::testing
