// What is not a hairpin: from the LAN to the Internet, from the Internet to the web server, and the gateway's own addresses.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Ne;

TEST(InternetToWebServer, KeepsTheClientsAddress) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kInternet, 5000), To(kWebServer, 80), Ttl(63))));
    lab.web_server.answer();
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 80), To(kInternet, 5000))));

    const gateway::Session session = lab.sessions().at(0);
    EXPECT_EQ(session.firewall_rule, 4U);
    EXPECT_EQ(session.dnat_rule, 196610U);
    EXPECT_EQ(session.snat_rule, gateway::kNoRule);
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
}

// An NTP server answers from its own port, and only such packets are taken for another host.
TEST(InternetToWebServer, ARuleCanAskForTheSourcesPort) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.nat.push_back(dnat(65537, on({kUplink}), IpProtocol::udp, "203.0.113.80", port(123), "192.168.255.10", port(1123)));
        rules.nat.back().peer_ports = {port(123)};
        rules.firewall.insert(rules.firewall.end() - 1,
                              firewall_rule(100, gateway::FirewallAction::accept, anybody(), at("203.0.113.80")));
    }};
    lab.internet.send(udp().from(kInternet, 123).to(kExternal, 123));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Udp(From(kInternet, 123), To(kWebServer, 1123))));
    lab.internet.send(udp().from(kInternet, 124).to(kExternal, 123));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::no_local_service), 1U);
    EXPECT_EQ(lab.hits(65537), 1U);
}

TEST(InternetToWebServer, HttpsHasARuleOfItsOwn) {
    HairpinLab lab;
    lab.connect(lab.internet, lab.web_server, kInternet, 5000, kExternal, 443);
    EXPECT_EQ(lab.sessions().at(0).dnat_rule, 196611U);
    EXPECT_EQ(lab.hits(196611), 1U);
    EXPECT_EQ(lab.hits(196610), 0U);
    EXPECT_EQ(lab.hits(4), 1U);
}

TEST(Outbound, TcpLeavesFromTheExternalAddress) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload("hello"));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, Ge(1024U)), To(kInternet, 80), Ttl(63))));
    const gateway::Session session = lab.sessions().at(0);
    EXPECT_EQ(session.firewall_rule, 2U);
    EXPECT_EQ(session.dnat_rule, gateway::kNoRule);
    EXPECT_EQ(session.snat_rule, 196609U);
}

TEST(Outbound, UdpToo) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(33));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal, Ge(1024U)), To(kInternet, 53))));
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, 53), To(kWorkstation, 40000))));
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
}

TEST(Outbound, APingFindsItsWayBackByItsIdentifier) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77).icmp_sequence(3).payload(56));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(8, 0, From(kExternal), To(kInternet))));
    lab.internet.answer();
    const SeenPacket reply = lab.workstation.received_one();
    EXPECT_THAT(reply, Icmp(0, 0, From(kInternet, 77), To(kWorkstation)));
    EXPECT_EQ(reply.icmp_rest, 3U) << "the sequence number is not ours";
    EXPECT_EQ(reply.payload.size(), 56U);
}

TEST(Outbound, AWellKnownSourcePortStaysWellKnown) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 123).to(kInternet, 123).payload(48));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal, Lt(1024U)), To(kInternet, 123))));
}

// A protocol without ports is translated by its addresses; one session for each pair of them.
TEST(Outbound, AProtocolWithoutPorts) {
    HairpinLab lab;
    lab.workstation.send(ip(47).from(kWorkstation).to(kInternet).payload(40));
    EXPECT_THAT(lab.internet.received(), ElementsAre(AllOf(Protocol(IpProtocol::gre), From(kExternal), To(kInternet))));
    lab.internet.send(ip(47).from(kInternet).to(kExternal).payload(40));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(AllOf(Protocol(IpProtocol::gre), From(kInternet), To(kWorkstation))));
}

TEST(Outbound, TwoClientsWithTheSameSourcePort) {
    HairpinLab lab;
    Host& second = lab.add_second_host();

    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    const SeenPacket first_seen = lab.internet.received_one();
    second.send(tcp().from(kSecondHost, 40000).to(kInternet, 80).syn());
    const SeenPacket second_seen = lab.internet.received_one();
    EXPECT_THAT(second_seen, Tcp(From(kExternal, Ne(first_seen.source_port)), To(kInternet, 80)));

    lab.internet.send(answer_to(first_seen));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kInternet, 80), To(kWorkstation, 40000))));
    EXPECT_THAT(second.received(), IsEmpty());
    lab.internet.send(answer_to(second_seen));
    EXPECT_THAT(second.received(), ElementsAre(Tcp(From(kInternet, 80), To(kSecondHost, 40000))));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Outbound, MasqueradeTakesTheInterfacesAddress) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.nat[0].translated_address.reset();
        rules.nat[0].masquerade = true;
    }};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    EXPECT_EQ(lab.sessions().at(0).reply_key.destination, kExternal);
}

// With the firewall off there is no NAT (NAT-AND-FIREWALL 2).
TEST(Outbound, WithoutFirewallNothingIsTranslated) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.firewall_enabled = false; }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kWorkstation, 40000), To(kInternet, 53))));
}

// Two external ports of one server, and a client that uses one source port for both: behind DNAT the flows would be the same.
TEST(Dnat, TwoFlowsThatWouldCollideGetDifferentPorts) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.nat.push_back(dnat(65537, on({kUplink}), IpProtocol::tcp, "203.0.113.80", port(8080), "192.168.255.10", port(80)));
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(5, gateway::FirewallAction::accept, by(kUplink),
                                                                    at("203.0.113.80"), {service(IpProtocol::tcp, {8080})}));
    }};
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    const SeenPacket first = lab.web_server.received_one();
    EXPECT_THAT(first, Tcp(From(kInternet, 5000), To(kWebServer, 80)));
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 8080).syn());
    const SeenPacket second = lab.web_server.received_one();
    EXPECT_THAT(second, Tcp(From(kInternet, Ne(5000U)), To(kWebServer, 80)));

    lab.web_server.send(answer_to(second));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 8080), To(kInternet, 5000))));
    lab.web_server.send(answer_to(first));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 80), To(kInternet, 5000))));
}

// Acceptance (h): the ping of the external address is answered by the gateway, and the trace says why.
TEST(Ping, OfTheExternalAddressIsAnsweredByTheGateway) {
    HairpinLab lab;
    for (Host* host : {&lab.workstation, &lab.internet}) {
        const Ipv4Address from = host == &lab.workstation ? kWorkstation : kInternet;
        host->send(icmp_echo().from(from).to(kExternal).identifier(9).icmp_sequence(4).payload(56));
        const SeenPacket reply = host->received_one();
        EXPECT_THAT(reply, Icmp(0, 0, From(kExternal, 9), To(from), Ttl(64)));
        EXPECT_EQ(reply.icmp_rest, 4U);
        EXPECT_EQ(reply.payload.size(), 56U);
    }
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.counters(), AllOf(Sessions(0), Drops(0)));
    EXPECT_EQ(lab.hits(kEchoRule), 2U);
}

TEST(Ping, TheTraceSaysWhoAnswers) {
    HairpinLab lab;
    const auto passage = lab.gateway().probe(
        kLan, icmp_echo().from(kWorkstation).to(kExternal).identifier(9).to_mac(kLanMac).in(lab.pool()), lab.now());
    EXPECT_TRUE(passage.answered);
    EXPECT_FALSE(passage.forwarded);
    EXPECT_EQ(passage.decision.outcome, gateway::Decision::Outcome::local);
    EXPECT_EQ(passage.decision.firewall_rule, kEchoRule);
    const auto step = [](gateway::TraceStage stage, const char* text) {
        return AllOf(Field(&gateway::TraceStep::stage, stage), Field(&gateway::TraceStep::text, text));
    };
    EXPECT_THAT(passage.tracer.steps(), Contains(step(gateway::TraceStage::local, "203.0.113.80 is the gateway's own address")));
    EXPECT_THAT(passage.tracer.steps(), Contains(step(gateway::TraceStage::icmp, "the gateway answers the echo request itself")));
}

TEST(Ping, OfTheGatewaysInsideAddress) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(9).ttl(1));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(0, 0, From(kGateway, 9)))) << "a TTL of 1 suffices to reach us";
}

TEST(Ping, BeyondTheRateIsDropped) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.icmp.echoes_per_second = 2; }};
    for (int i = 0; i < 5; ++i) lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(9));
    EXPECT_THAT(lab.workstation.received(), ::testing::SizeIs(2));
    EXPECT_EQ(lab.dropped(DropReason::icmp_rate_limited), 3U);
}

// RFC 768: none was computed, and none appears.
TEST(Udp, AZeroChecksumStaysZero) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(33).no_udp_checksum());
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_EQ(seen.l4_checksum, 0U);
    lab.internet.send(answer_to(seen).no_udp_checksum());
    EXPECT_EQ(lab.workstation.received_one().l4_checksum, 0U);
}

TEST(Udp, AComputedChecksumNeverBecomesZero) {
    HairpinLab lab;
    // Over all values of one 16-bit word the translated sum passes through zero once; the lab verifies each.
    for (unsigned word = 0; word < 0x10000; word += 1) {
        const std::array payload{static_cast<std::byte>(word >> 8), static_cast<std::byte>(word)};
        lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(payload));
        ASSERT_NE(lab.internet.received_one().l4_checksum, 0U) << word;
    }
}

}  // namespace
}  // namespace hairpin::testing
