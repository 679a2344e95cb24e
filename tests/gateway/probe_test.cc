// The tracer's promise: what it shows is what would be on the wire, and nothing comes of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <vector>

#include "tests/gateway/twin_labs.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Passage probe(HairpinLab& lab, Station station, const PacketBuilder& packet) {
    return lab.gateway().probe(inbound_of(station), as_it_arrives(lab, station, packet), lab.now());
}

// ---- Against the wire ---------------------------------------------------------------------------------------------------------

// Two labs live through the same; then one is asked what would become of a packet, and the other sees it.
RC_GTEST_PROP(Probe, EqualsTheWire, ()) {
    HairpinLab asked, wire;
    for (int step = *rc::gen::inRange(0, 8); step > 0; --step) {
        const Station station = any_station();
        std::optional<PacketBuilder> packet;
        if (*rc::gen::arbitrary<bool>()) packet = any_answer(wire, station);
        if (!packet) packet = any_packet(station, true);
        host_of(asked, station).send(*packet);
        host_of(wire, station).send(*packet);
    }
    RC_ASSERT(books_of(asked) == books_of(wire));  // twins

    const Station station = any_station();
    std::optional<PacketBuilder> packet;
    if (*rc::gen::arbitrary<bool>()) packet = any_answer(wire, station);
    if (!packet) packet = any_packet(station, false);

    const Books before = books_of(asked);
    const Passage passage = probe(asked, station, *packet);
    RC_ASSERT(books_of(asked) == before);  // nothing came of it
    for (const Station each : kStations) {
        host_of(asked, each).received();
        const unsigned requests = host_of(asked, each).arp_requests;
        RC_ASSERT(requests == host_of(wire, each).arp_requests);
    }

    const Fate told = fate_of(asked, passage), seen = fate_on_the_wire(wire, station, *packet);
    RC_LOG() << "drop: " << (told.drop ? name_of(*told.drop) : "none") << " by the probe, "
             << (seen.drop ? name_of(*seen.drop) : "none") << " on the wire\n";
    RC_ASSERT(told.drop == seen.drop);
    RC_ASSERT(told.forwarded == seen.forwarded);
    RC_ASSERT(told.answered == seen.answered);
    RC_TAG(seen.drop ? std::string{name_of(*seen.drop)} : seen.answered ? "answered" : seen.waits ? "waits" : "forwarded");
    if (!told.forwarded || seen.waits) return;
    if (!seen.l3.empty()) RC_ASSERT(told.l3 == seen.l3);
    // A neighbour that nobody had asked for is asked and answers at once; the probe can only say that it would.
    if (!told.waits) RC_ASSERT(told.arrives_at == seen.arrives_at);
}

// ---- There and back -----------------------------------------------------------------------------------------------------------

struct Journey {
    const char* name;
    Station from, to;
    PacketBuilder packet;
};
void PrintTo(const Journey& journey, std::ostream* out) { *out << journey.name; }

class ProbeThereAndBack : public ::testing::TestWithParam<Journey> {};

TEST_P(ProbeThereAndBack, EqualsTheWire) {
    const auto& [name, from, to, packet] = GetParam();
    HairpinLab asked, wire;
    const Passage there = probe(asked, from, packet);
    ASSERT_TRUE(there.forwarded && there.session);
    host_of(wire, from).send(packet);
    const SeenPacket arrived = host_of(wire, to).received_one();
    EXPECT_EQ(l3_of(there), arrived.l3);
    EXPECT_EQ(asked.counters().sessions, 0u);

    // The session that the probe shows is the one that the wire has made.
    ASSERT_THAT(wire.sessions(), SizeIs(1));
    EXPECT_EQ(there.session->original_key, wire.sessions()[0].original_key);
    EXPECT_EQ(there.session->reply_key, wire.sessions()[0].reply_key);
    EXPECT_EQ(there.session->dnat_rule, wire.sessions()[0].dnat_rule);
    EXPECT_EQ(there.session->firewall_rule, wire.sessions()[0].firewall_rule);
    EXPECT_EQ(there.session->snat_rule, wire.sessions()[0].snat_rule);

    const PacketBuilder answer = host_of(wire, to).as_next(answer_to(arrived));
    const Passage back = asked.gateway().probe_reply(there, as_it_arrives(asked, to, answer), asked.now());
    ASSERT_TRUE(back.forwarded);
    host_of(wire, to).send(answer);
    EXPECT_EQ(l3_of(back), host_of(wire, from).received_one().l3);
    EXPECT_EQ(back.outbound, inbound_of(from));
    EXPECT_EQ(asked.counters().sessions, 0u);
}

INSTANTIATE_TEST_SUITE_P(Guide, ProbeThereAndBack,
                         ::testing::Values(Journey{"Hairpin", Station::workstation, Station::web_server,
                                                   tcp().from(kWorkstation, 40000).to(kExternal, 80).syn()},
                                           Journey{"InternetToWebServer", Station::internet, Station::web_server,
                                                   tcp().from(kInternet, 50000).to(kExternal, 443).syn()},
                                           Journey{"OutboundTcp", Station::workstation, Station::internet,
                                                   tcp().from(kWorkstation, 40000).to(kInternet, 80).syn()},
                                           Journey{"OutboundUdp", Station::web_server, Station::internet,
                                                   udp().from(kWebServer, 53).to(kInternet, 53).payload(20)},
                                           Journey{"OutboundPing", Station::workstation, Station::internet,
                                                   icmp_echo().from(kWorkstation).to(kInternet).identifier(7).payload(56)}),
                         [](const auto& test) { return test.param.name; });

TEST(Probe, AReplyIsNotTheSessionsWithoutItsPassage) {
    HairpinLab lab;
    const auto reply = tcp().from(kWebServer, 80).to(kGateway, 2000).syn().ack();
    const Passage alone = probe(lab, Station::web_server, reply);
    EXPECT_EQ(alone.drop, DropReason::no_session);
    EXPECT_FALSE(alone.forwarded);
}

TEST(Probe, OfAnEstablishedSessionShowsItAndCountsNothing) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const gateway::Session before = lab.sessions().at(0);
    const Passage passage = probe(lab, Station::workstation, tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().fin());
    ASSERT_TRUE(passage.forwarded && passage.session);
    EXPECT_EQ(passage.session->id(), before.id());
    const gateway::Session after = lab.sessions().at(0);
    EXPECT_EQ(after.packets[0], before.packets[0]);
    EXPECT_EQ(after.bytes[0], before.bytes[0]);
    EXPECT_EQ(after.state, before.state) << "a FIN that was only asked about closes nothing";
    EXPECT_EQ(after.last_seen, before.last_seen);
}

TEST(Probe, OfAPacketThatEndsItsSessionLeavesTheSession) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) { rules.nat.clear(); });
    const Passage passage = probe(lab, Station::workstation, tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    EXPECT_EQ(passage.drop, DropReason::no_session);
    EXPECT_EQ(lab.counters().sessions, 1u);
    EXPECT_THAT(lab.endings(), IsEmpty());

    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    EXPECT_EQ(lab.dropped(DropReason::no_session), 1u);
    EXPECT_THAT(lab.endings(), SizeIs(1));
}

TEST(Probe, WithoutTheNeighbourSaysThatArpWouldAskAndAsksNobody) {
    HairpinLab lab;
    const unsigned before = lab.web_server.arp_requests;
    const Passage passage = probe(lab, Station::workstation, tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    ASSERT_TRUE(passage.forwarded);
    EXPECT_EQ(passage.next_hop, kWebServer);
    EXPECT_EQ(passage.next_hop_mac, std::nullopt);
    EXPECT_EQ(lab.web_server.arp_requests, before);
}

// ---- What a probe must not overlook -------------------------------------------------------------------------------------------

// The frame as it would leave.
TEST(Probe, TheFramesMacsAreThoseOfTheWire) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const Passage passage = probe(lab, Station::workstation, tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    ASSERT_TRUE(passage.forwarded);
    EthernetHeader header;
    std::memcpy(&header, passage.frame.data(), sizeof header);
    EXPECT_EQ(header.source, kLanMac);
    EXPECT_EQ(header.destination, lab.web_server.mac());
}

// A connection was reset, and its client uses the port again. The wire ends the old session first and keeps the port, and so
// must the probe, without ending it.
TEST(Probe, ANewConnectionFromTheSamePortKeepsItsPort) {
    HairpinLab lab;
    lab.connect(lab.internet, lab.web_server, kInternet, 50000, kExternal, 80);
    lab.internet.send(tcp().from(kInternet, 50000).to(kExternal, 80).rst());
    lab.web_server.received();

    const auto again = tcp().from(kInternet, 50000).to(kExternal, 80).syn();
    const Passage passage = probe(lab, Station::internet, again);
    ASSERT_TRUE(passage.forwarded);
    lab.internet.send(again);
    EXPECT_EQ(l3_of(passage), lab.web_server.received_one().l3);
}

// The same where a rule leaves one port.
TEST(Probe, ANewConnectionThroughTheOnlyPortIsForwarded) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.nat[0].translated_port = port(2000); }};
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).rst());
    lab.internet.received();

    const auto again = tcp().from(kWorkstation, 40000).to(kInternet, 80).syn();
    const Passage passage = probe(lab, Station::workstation, again);
    EXPECT_EQ(passage.drop, std::nullopt);
    EXPECT_TRUE(passage.forwarded);
    lab.workstation.send(again);
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 2000))));
}

// The rules change and with them the route. The next packet takes the new one.
TEST(Probe, AnOldSessionTakesTheNewRoute) {
    HairpinLab lab;
    lab.add_host({"other router", "wan", MacAddress::from_number(0x0200'0000'bb99), kUplinkMac, {{203, 0, 113, 2}}});
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.change_rules([](gateway::Ruleset& rules) { rules.routes[0].next_hop = Ipv4Address{203, 0, 113, 2}; });
    const Passage passage = probe(lab, Station::workstation, tcp().from(kWorkstation, 40000).to(kInternet, 80).ack());
    ASSERT_TRUE(passage.forwarded);
    EXPECT_EQ(passage.next_hop, (Ipv4Address{203, 0, 113, 2}));
}

// The table is full: the wire drops the packet.
TEST(Probe, AFullSessionTableIsSeen) {
    HairpinLab lab{{.session_capacity = 1}};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    const auto another = tcp().from(kWorkstation, 40001).to(kExternal, 80).syn();
    const Passage passage = probe(lab, Station::workstation, another);
    lab.workstation.send(another);
    EXPECT_EQ(lab.dropped(DropReason::session_table_full), 1u);
    EXPECT_EQ(passage.drop, DropReason::session_table_full);
    EXPECT_FALSE(passage.forwarded);
}

// A fragment without its first would wait for it; a probed one does not.
TEST(Probe, OfAFragmentLeavesNothingWaiting) {
    HairpinLab lab;
    const Books before = books_of(lab);
    probe(lab, Station::workstation, udp().from(kWorkstation).to(kInternet).fragment(1480, false).payload(64));
    EXPECT_EQ(books_of(lab), before);
}

}  // namespace
}  // namespace hairpin::testing
