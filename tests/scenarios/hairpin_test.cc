// The guide's story, stage by stage, and its neighbours: what the Internet sees, what goes out, what large packets do.

#include "tests/scenarios/guide_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using gateway::SessionState;

unsigned translated_port(const GuideLab& lab) { return lab.session(IpProtocol::tcp)->reply_key.destination_port.number(); }

// Opens a connection through the hairpin and returns the gateway's source port.
unsigned open_hairpin(GuideLab& lab, unsigned client_port = 40000, unsigned service = 80) {
    lab.workstation->send(tcp().from(kWorkstation, client_port).to(kExternal, service).syn());
    const unsigned port = translated_port(lab);
    lab.web_server->send(tcp().from(kWebServer, service).to(kGatewayLan, port).syn().ack());
    lab.workstation->send(tcp().from(kWorkstation, client_port).to(kExternal, service).ack());
    lab.web_server->received(), lab.workstation->received();
    return port;
}

TEST(Hairpin, WorkstationReachesWebServerByTheExternalAddress) {
    GuideLab lab;
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());  // stage 1
    ASSERT_EQ(lab.sessions(), 1U);
    const unsigned port = translated_port(lab);
    EXPECT_EQ(tuple(lab.web_server->only_packet()),
              "tcp 192.168.255.1:" + std::to_string(port) + " -> 192.168.255.10:80");  // stage 2

    lab.web_server->send(tcp().from(kWebServer, 80).to(kGatewayLan, port).syn().ack());              // stage 3
    EXPECT_EQ(tuple(lab.workstation->only_packet()), "tcp 203.0.113.80:80 -> 192.168.255.2:40000");  // stage 4

    const gateway::Session& session = *lab.session(IpProtocol::tcp);
    EXPECT_EQ(session.dnat_rule, 196613U);
    EXPECT_EQ(session.firewall_rule, 3U);
    EXPECT_EQ(session.snat_rule, 196612U);
    EXPECT_EQ(lab.ledger.dropped_total(), 0U);
}

TEST(Hairpin, AConnectionLivesFromHandshakeToClose) {
    GuideLab lab;
    const unsigned port = open_hairpin(lab, 40000, 443);
    EXPECT_EQ(lab.session(IpProtocol::tcp)->state, SessionState::established);
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 443).ack().psh().payload(100));
    lab.web_server->send(tcp().from(kWebServer, 443).to(kGatewayLan, port).ack().psh().payload(1000));
    EXPECT_EQ(lab.web_server->received().size(), 1U);
    EXPECT_EQ(lab.workstation->received().size(), 1U);
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 443).fin().ack());
    EXPECT_EQ(lab.session(IpProtocol::tcp)->state, SessionState::closing);
    lab.web_server->send(tcp().from(kWebServer, 443).to(kGatewayLan, port).fin().ack());
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 443).ack());
    EXPECT_EQ(lab.session(IpProtocol::tcp)->state, SessionState::closed);
    lab.advance(241s);
    EXPECT_EQ(lab.sessions(), 0U);
}

TEST(Hairpin, SuperPacketsTravelWhole) {
    GuideLab lab;
    open_hairpin(lab);
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(20000).super_packet(1448));
    const PacketPtr packet = lab.web_server->only_packet();
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(packet->offload.segment_size, 1448);
    EXPECT_EQ(packet->offload.checksum, ChecksumState::partial);
    EXPECT_EQ(packet->size(), 54U + 20000U);
}

TEST(Hairpin, TwoClientsWithOnePortAreToldApart) {
    GuideLab lab{guide_configuration(R"("address": ["192.168.255.2"])", R"("interface": ["internal"])")};
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    const unsigned first = translated_port(lab);
    lab.workstation->send(tcp().from(Ipv4Address{192, 168, 255, 3}, 40000).to(kExternal, 80).syn());
    const unsigned second = translated_port(lab);
    EXPECT_EQ(lab.sessions(), 2U);
    EXPECT_NE(first, second);
}

TEST(Hairpin, TheServerMayOpenItsOwnExternalAddress) {
    GuideLab lab{guide_configuration(R"("address": ["192.168.255.2"])", R"("interface": ["internal"])")};
    lab.web_server->send(tcp().from(kWebServer, 40000).to(kExternal, 80).syn());
    const unsigned port = translated_port(lab);
    EXPECT_EQ(tuple(lab.web_server->only_packet()), "tcp 192.168.255.1:" + std::to_string(port) + " -> 192.168.255.10:80");
    lab.web_server->send(tcp().from(kWebServer, 80).to(kGatewayLan, port).syn().ack());
    EXPECT_EQ(tuple(lab.web_server->only_packet()), "tcp 203.0.113.80:80 -> 192.168.255.10:40000");
}

TEST(Hairpin, WithMatchTranslatedTheRuleNamesTheInsideAddress) {
    GuideLab lab{guide_configuration(R"("destination": {"address": ["203.0.113.80"]},
           "service": [{"protocol": "tcp", "port": ["80", "443"]}, {"protocol": "udp", "port": ["53"]}])",
                                     R"("match-translated": true, "destination": {"address": ["192.168.255.10"]})")};
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_EQ(lab.web_server->received().size(), 1U);
    EXPECT_EQ(lab.session(IpProtocol::tcp)->firewall_rule, 3U);
}

TEST(Internet, ReachesTheWebServerAndKeepsItsAddress) {
    GuideLab lab;
    lab.internet->send(tcp().from(kInternet, 50000).to(kExternal, 80).syn());
    EXPECT_EQ(tuple(lab.web_server->only_packet()), "tcp 198.51.100.10:50000 -> 192.168.255.10:80");
    lab.web_server->send(tcp().from(kWebServer, 80).to(kInternet, 50000).syn().ack());
    EXPECT_EQ(tuple(lab.internet->only_packet()), "tcp 203.0.113.80:80 -> 198.51.100.10:50000");
    EXPECT_EQ(lab.session(IpProtocol::tcp)->snat_rule, gateway::kNoRule);
}

TEST(Outbound, EveryProtocolLeavesWithTheExternalAddress) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(20));
    const unsigned port = lab.session(IpProtocol::udp)->reply_key.destination_port.number();
    EXPECT_GE(port, 1024U);
    EXPECT_EQ(tuple(lab.internet->only_packet()), "udp 203.0.113.80:" + std::to_string(port) + " -> 198.51.100.10:53");
    lab.internet->send(udp().from(kInternet, 53).to(kExternal, port).payload(40));
    EXPECT_EQ(tuple(lab.workstation->only_packet()), "udp 198.51.100.10:53 -> 192.168.255.2:5000");

    lab.workstation->send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77).payload(56));
    const unsigned id = lab.session(IpProtocol::icmp)->reply_key.destination_port.number();
    EXPECT_TRUE(lab.internet->only_packet());
    lab.internet->send(icmp_echo_reply().from(kInternet).to(kExternal).identifier(id).payload(56));
    const PacketPtr reply = lab.workstation->only_packet();
    ASSERT_TRUE(reply);
    EXPECT_EQ(FrameView::parse(*reply).icmp().identifier.value(), 77);
}

TEST(Outbound, AUdpChecksumOfZeroStaysZero) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(20).no_udp_checksum());
    const PacketPtr packet = lab.internet->only_packet();
    ASSERT_TRUE(packet);
    EXPECT_EQ(FrameView::parse(*packet).udp().checksum.value(), 0);
}

TEST(Outbound, FragmentsAreTranslatedInWhateverOrderTheyCome) {
    GuideLab lab;
    const Bytes whole = udp().from(kWorkstation, 5000).to(kInternet, 53).payload(2000).l3_bytes();
    const std::span<const std::byte> l4{whole.data() + sizeof(Ipv4Header), whole.size() - sizeof(Ipv4Header)};
    const auto piece = [&](std::size_t offset, std::size_t length, bool more) {
        return ip(17).from(kWorkstation).to(kInternet).ip_id(9).fragment(offset, more).payload(l4.subspan(offset, length));
    };
    lab.workstation->send(piece(1480, l4.size() - 1480, false));
    EXPECT_TRUE(lab.internet->received().empty()) << "its ports are not known yet";
    EXPECT_EQ(lab.gateway->held(), 1U);
    lab.workstation->send(piece(0, 1480, true));
    Batch fragments = lab.internet->received();
    ASSERT_EQ(fragments.size(), 2U);
    for (const PacketPtr& fragment : fragments) EXPECT_EQ(FrameView::parse(*fragment).ipv4().source, kExternal);
    EXPECT_EQ(lab.gateway->held(), 0U);
}

TEST(Timeouts, SessionsEndWhenTheirTimeIsUpAndNotBefore) {
    struct Case {
        PacketBuilder packet;
        Duration idle;
    };
    const Case cases[] = {
        {udp().from(kWorkstation, 5000).to(kInternet, 53), 300s},
        {icmp_echo().from(kWorkstation).to(kInternet).identifier(1), 60s},
        {tcp().from(kWorkstation, 5000).to(kInternet, 80).syn(), 240s},
    };
    for (const Case& c : cases) {
        GuideLab lab;
        lab.workstation->send(c.packet);
        ASSERT_EQ(lab.sessions(), 1U);
        lab.advance(c.idle - 1s);
        EXPECT_EQ(lab.sessions(), 1U);
        lab.advance(2s);
        EXPECT_EQ(lab.sessions(), 0U);
    }
}

TEST(Timeouts, AnEstablishedConnectionIsKeptForTwoHoursAndFourMinutes) {
    GuideLab lab;
    open_hairpin(lab);
    lab.advance(7439s);
    EXPECT_EQ(lab.sessions(), 1U);
    lab.advance(2s);
    EXPECT_EQ(lab.sessions(), 0U);
}

TEST(Timeouts, AResetMappingWaitsFourMinutesAndDataRevivesIt) {
    GuideLab lab;
    const unsigned port = open_hairpin(lab);
    lab.web_server->send(tcp().from(kWebServer, 80).to(kGatewayLan, port).rst());
    EXPECT_EQ(lab.workstation->received().size(), 1U) << "RFC 7857 §2.2: the RST itself is translated";
    lab.advance(230s);
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(1));
    EXPECT_EQ(lab.session(IpProtocol::tcp)->state, SessionState::established);
    lab.advance(300s);
    EXPECT_EQ(lab.sessions(), 1U);
}

TEST(Timeouts, OnlyOutboundPacketsKeepAUdpMapping) {  // RFC 4787 REQ-6
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53));
    const unsigned port = lab.session(IpProtocol::udp)->reply_key.destination_port.number();
    lab.advance(200s);
    lab.internet->send(udp().from(kInternet, 53).to(kExternal, port));
    EXPECT_EQ(lab.workstation->received().size(), 1U);
    lab.advance(101s);
    EXPECT_EQ(lab.sessions(), 0U);
}

}  // namespace
}  // namespace hairpin::testing
