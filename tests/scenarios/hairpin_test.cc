// The guide's hairpin: workstation and web server share a LAN, and the workstation asks for the server by its external address.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr unsigned kSyn = TcpHeader::kSyn, kAck = TcpHeader::kAck, kFin = TcpHeader::kFin;

TEST(Hairpin, WorkstationReachesWebServerByTheExternalAddress) {
    HairpinLab lab;

    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());                    // 1 to the gateway
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kGateway, _), To(kWebServer, 80))));  // 2 both rewritten

    lab.web_server.answer();                                                                                  // 3 to the gateway
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kExternal, 80), To(kWorkstation, 40000))));  // 4 both restored
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
}

// The whole conversation, and what the gateway remembers of it.
class HairpinConversation : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(HttpAndHttps, HairpinConversation, ::testing::Values(80U, 443U));

TEST_P(HairpinConversation, FromTheHandshakeToTheClose) {
    const unsigned service = GetParam();
    HairpinLab lab;
    const auto ask = [&] { return tcp().from(kWorkstation, 40000).to(kExternal, service); };
    unsigned server_side = 0;  // the port by which the server knows the workstation
    const auto carry = [&](const PacketBuilder& from_workstation, unsigned flags) {
        lab.workstation.send(from_workstation);
        const SeenPacket seen = lab.web_server.received_one();
        EXPECT_THAT(seen, Tcp(From(kGateway, _), To(kWebServer, service), Flags(flags), Ttl(63)));
        if (server_side == 0) server_side = seen.source_port;
        EXPECT_EQ(seen.source_port, server_side) << "the same for the whole session";
    };
    const auto answer = [&](const PacketBuilder& from_server, unsigned flags) {
        lab.web_server.send(from_server);
        EXPECT_THAT(lab.workstation.received_one(),
                    Tcp(From(kExternal, service), To(kWorkstation, 40000), Flags(flags), Ttl(63)));
    };
    const auto reply = [&] { return tcp().from(kWebServer, service).to(kGateway, server_side); };
    const auto state = [&] { return lab.sessions().at(0).state; };

    carry(ask().syn(), kSyn);
    answer(reply().syn().ack(), kSyn | kAck);
    EXPECT_EQ(state(), gateway::SessionState::opening);
    carry(ask().ack(), kAck);
    EXPECT_EQ(state(), gateway::SessionState::established);
    carry(ask().ack().payload("GET / HTTP/1.1"), kAck);
    answer(reply().ack().payload(1448), kAck);
    carry(ask().ack(), kAck);
    carry(ask().fin().ack(), kFin | kAck);
    EXPECT_EQ(state(), gateway::SessionState::closing);
    answer(reply().ack(), kAck);
    answer(reply().fin().ack(), kFin | kAck);
    carry(ask().ack(), kAck);
    EXPECT_EQ(state(), gateway::SessionState::closed);

    const gateway::Session session = lab.sessions().at(0);
    EXPECT_EQ(session.firewall_rule, 3U);
    EXPECT_EQ(session.dnat_rule, service == 80 ? 196613U : 196614U);
    EXPECT_EQ(session.snat_rule, 196612U);
    EXPECT_EQ(session.packets[0], 6U);
    EXPECT_EQ(session.packets[1], 4U);
    EXPECT_EQ(session.bytes[0], 6U * 40 + 14);
    EXPECT_EQ(session.bytes[1], 4U * 40 + 1448);
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
    lab.wait(std::chrono::seconds{240} + Tick::kLength);
    EXPECT_THAT(lab.counters(), AllOf(Sessions(0), Drops(0)));
    EXPECT_THAT(lab.endings(), ElementsAre("timeout"));
}

TEST(Hairpin, PayloadArrivesAsItWasSent) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    for (const std::size_t size : {1U, 2U, 3U, 536U, 1459U, 1460U}) {
        const PacketBuilder sent = tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(size);
        lab.workstation.send(sent);
        EXPECT_EQ(lab.web_server.received_one().payload, SeenPacket::of_l3(sent.l3_bytes()).payload) << size;
    }
}

TEST(Hairpin, TheServerNeverSeesTheWorkstation) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(100));
    const auto seen = lab.web_server.received();
    EXPECT_THAT(seen, Each(From(kGateway)));
    EXPECT_THAT(seen, Each(::testing::Field(&SeenPacket::from_mac, kLanMac)));
    EXPECT_THAT(lab.internet.received(), IsEmpty()) << "nothing of it leaves the LAN";
}

// A super-packet: one buffer through the gateway, its metadata as right behind it as before.
TEST(Hairpin, ASuperPacketStaysWhole) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const PacketBuilder sent = tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(20000).super_packet(1448);
    lab.workstation.send(sent);

    const SeenPacket seen = lab.web_server.received_one();
    EXPECT_THAT(seen, Tcp(From(kGateway, _), To(kWebServer, 80)));
    EXPECT_EQ(seen.payload, SeenPacket::of_l3(sent.l3_bytes()).payload);
    EXPECT_EQ(seen.offload.checksum, ChecksumState::partial) << "which the lab has verified as such";
    EXPECT_EQ(seen.offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(seen.offload.segment_size, 1448);
    EXPECT_EQ(seen.offload.header_length, 54);
    EXPECT_EQ(seen.offload.checksum_start, 34);
    EXPECT_EQ(seen.offload.checksum_offset, 16);

    lab.web_server.send(answer_to(seen).payload(30000).super_packet(1448));
    EXPECT_THAT(lab.workstation.received_one(), Tcp(From(kExternal, 80), To(kWorkstation, 40000)));
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
}

TEST(Hairpin, ASuperPacketIsSegmentedForAServerThatTakesNone) {
    HairpinLab lab{{.web_server = {}}};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const PacketBuilder sent =
        tcp().from(kWorkstation, 40000).to(kExternal, 80).sequence(1000).acknowledge(1).payload(4000).super_packet(1448);
    lab.workstation.send(sent);

    const auto seen = lab.web_server.received();
    ASSERT_THAT(seen, SizeIs(3));
    EXPECT_THAT(seen, Each(Tcp(From(kGateway, _), To(kWebServer, 80))));
    Bytes together;
    for (const SeenPacket& piece : seen) {
        EXPECT_EQ(piece.offload.segmentation, Segmentation::none);
        EXPECT_NE(piece.offload.checksum, ChecksumState::partial);
        together.insert(together.end(), piece.payload.begin(), piece.payload.end());
    }
    EXPECT_EQ(together, SeenPacket::of_l3(sent.l3_bytes()).payload);
}

TEST(Hairpin, APartialChecksumIsCompletedForAServerThatTakesNone) {
    HairpinLab lab{{.web_server = {}}};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().partial_checksum());
    const SeenPacket seen = lab.web_server.received_one();
    EXPECT_THAT(seen, Tcp(From(kGateway, _), To(kWebServer, 80)));
    EXPECT_NE(seen.offload.checksum, ChecksumState::partial);
}

// Of a client that a no-snat rule exempts the server sees the address, though both are in the LAN and its answer goes past the gateway.
TEST(Hairpin, ANoSnatRuleKeepsTheClientsAddress) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        gateway::NatRule exempt = snat(65537, on({kLan}), "192.168.255.2", "192.168.255.2");
        exempt.action = gateway::NatAction::no_snat;
        rules.nat.insert(rules.nat.begin(), exempt);
    }};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kWorkstation, 40000), To(kWebServer, 80))));
    EXPECT_EQ(lab.sessions().at(0).snat_rule, 65537U);
}

// ICMP echo forwarded by a DNAT rule: a hairpin without ports.
TEST(Hairpin, APingIsHairpinnedWhereARuleSaysSo) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        gateway::NatRule rule = snat(65537, on({kLan}), "203.0.113.80", "192.168.255.10");
        rule.action = gateway::NatAction::dnat;
        rule.protocol = IpProtocol::icmp;
        rules.nat.insert(rules.nat.begin(), rule);
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(5, gateway::FirewallAction::accept, at("192.168.255.2"), at("203.0.113.80")));
    }};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kExternal).identifier(77).icmp_sequence(5).payload(56));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Icmp(8, 0, From(kGateway, _), To(kWebServer))));
    lab.web_server.answer();
    const SeenPacket reply = lab.workstation.received_one();
    EXPECT_THAT(reply, Icmp(0, 0, From(kExternal, 77), To(kWorkstation)));
    EXPECT_EQ(reply.icmp_rest, 5U);
}

// Acceptance (j): the server's answer goes back out where it came in, and that is no reason for a redirect, which the lab would
// report of any frame; here it is asked for by name.
TEST(Hairpin, NobodyIsRedirected) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.web_server.send(tcp().from(kWebServer, 80).to(kGateway, lab.web_server.last().source_port).ack().payload(10));
    EXPECT_THAT(lab.workstation.received(), Each(Not(Protocol(IpProtocol::icmp))));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
}

}  // namespace
}  // namespace hairpin::testing
