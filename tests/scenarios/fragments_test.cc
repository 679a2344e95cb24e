// Fragments through NAT: only the first says which session it is, and it need not come first (RFC 4787 REQ-14).

#include <algorithm>

#include "tests/support/fragments.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::_;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

HairpinLab::Change udp_hairpin() {
    return [](gateway::Ruleset& rules) {
        rules.nat.insert(rules.nat.begin(),
                         dnat(65537, on({kLan}), IpProtocol::udp, "203.0.113.80", port(5000), "192.168.255.10", port(5000)));
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(5, gateway::FirewallAction::accept, at("192.168.255.2"), at("203.0.113.80")));
    };
}

TEST(Rfc4787, Req14_FragmentsInOrder) {
    HairpinLab lab;
    const PacketBuilder sent = udp().from(kWorkstation, 40000).to(kInternet, 53).payload(3000);
    for (const PacketBuilder& fragment : cut(sent, 1480)) lab.workstation.send(fragment);
    const auto pieces = lab.internet.received();
    EXPECT_THAT(pieces, SizeIs(3));
    EXPECT_THAT(reassembled(pieces),
                Udp(From(kExternal), To(kInternet, 53), Carries(SeenPacket::of_l3(sent.l3_bytes()).payload)));
    EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
}

TEST(Rfc4787, Req14_FragmentsInEveryOrderThroughTheHairpin) {
    const PacketBuilder sent = udp().from(kWorkstation, 40000).to(kExternal, 5000).payload(500);
    const auto fragments = cut(sent, 128);
    ASSERT_THAT(fragments, SizeIs(4));
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        HairpinLab lab{udp_hairpin()};
        for (const std::size_t which : order) lab.workstation.send(fragments[which]);
        const auto pieces = lab.web_server.received();
        ASSERT_THAT(pieces, SizeIs(4)) << ::testing::PrintToString(order);
        EXPECT_EQ(pieces.front().fragment_offset, 0U) << "the first goes first";
        const SeenPacket whole = reassembled(pieces);
        EXPECT_THAT(whole, Udp(From(kGateway), To(kWebServer, 5000), Carries(SeenPacket::of_l3(sent.l3_bytes()).payload)));

        // And back.
        auto answers = cut(answer_to(whole), 128);
        for (const std::size_t which : order) lab.web_server.send(answers[which]);
        EXPECT_THAT(reassembled(lab.workstation.received()), Udp(From(kExternal, 5000), To(kWorkstation, 40000)));
        EXPECT_THAT(lab.counters(), AllOf(Sessions(1), Drops(0)));
        EXPECT_EQ(lab.gateway().held(), 0U);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Rfc4787, Req14_APingInFragments) {
    HairpinLab lab;
    for (const PacketBuilder& fragment : cut(icmp_echo().from(kWorkstation).to(kInternet).identifier(77).payload(3000), 1480))
        lab.workstation.send(fragment);
    const SeenPacket whole = reassembled(lab.internet.received());
    EXPECT_THAT(whole, Icmp(8, 0, From(kExternal)));
    for (const PacketBuilder& fragment : cut(answer_to(whole), 1480)) lab.internet.send(fragment);
    EXPECT_THAT(reassembled(lab.workstation.received()), Icmp(0, 0, From(kInternet, 77), To(kWorkstation)));
}

// RFC 815's point: what comes interleaved belongs to whom it says.
TEST(Rfc4787, Req14_TwoDatagramsInterleaved) {
    HairpinLab lab;
    const auto one = cut(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(400), 208, 1);
    const auto two = cut(udp().from(kWorkstation, 40001).to(kInternet, 54).payload(400), 208, 2);
    for (const PacketBuilder* fragment : {&one[1], &two[0], &one[0], &two[1]}) lab.workstation.send(*fragment);
    auto seen = lab.internet.received();
    ASSERT_THAT(seen, SizeIs(4));
    std::stable_sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    const std::vector<SeenPacket> wholes{reassembled({seen[0], seen[1]}), reassembled({seen[2], seen[3]})};
    EXPECT_THAT(wholes, UnorderedElementsAre(Udp(To(kInternet, 53)), Udp(To(kInternet, 54))));
}

TEST(Fragments, ThatAreTooBigAreCutAgain) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.interfaces[index_of(kUplink)].mtu = 600; }};
    const PacketBuilder sent = udp().from(kWorkstation, 40000).to(kInternet, 53).payload(3000);
    for (const PacketBuilder& fragment : cut(sent, 1480)) lab.workstation.send(fragment);
    EXPECT_THAT(reassembled(lab.internet.received()), Udp(From(kExternal), Carries(SeenPacket::of_l3(sent.l3_bytes()).payload)));
}

TEST(Fragments, WithoutTheFirstNothingPasses) {
    HairpinLab lab;
    const auto fragments = cut(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(3000), 1480);
    lab.workstation.send(fragments[1]);
    lab.workstation.send(fragments[2]);
    EXPECT_EQ(lab.gateway().held(), 2U);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    lab.wait(31s);
    EXPECT_EQ(lab.gateway().held(), 0U);
    EXPECT_EQ(lab.dropped(DropReason::fragment_timeout), 2U);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
}

TEST(Fragments, OfWhatTheFirewallDeniesNonePasses) {
    HairpinLab lab;
    for (const PacketBuilder& fragment : cut(udp().from(kInternet, 53).to(kExternal, 40000).payload(3000), 1480))
        lab.internet.send(fragment);
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.counters().sessions, 0U);
    EXPECT_EQ(lab.counters().drops, 3U);
}

TEST(Fragments, ThatOverlapAreAllDropped) {
    HairpinLab lab;
    const auto l4 = SeenPacket::of_l3(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(400).l3_bytes()).l4;
    const auto piece = [&](std::size_t at, std::size_t size, bool more) {
        PacketBuilder fragment = ip(17).from(kWorkstation).to(kInternet).ip_id(7);
        return fragment.fragment(at, more).payload(std::span{l4}.subspan(at, size));
    };
    lab.workstation.send(piece(200, 208, false));
    lab.workstation.send(piece(192, 64, true));
    lab.workstation.send(piece(0, 200, true));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::fragment_overlap), 3U);
}

// ---- Pings of the gateway itself -------------------------------------------------------------------------------------------------

TEST(Rfc1812, Section4_3_3_6Fragments_APingInFragmentsIsAnswered) {
    const PacketBuilder ping = icmp_echo().from(kWorkstation).to(kGateway).identifier(77).icmp_sequence(3).payload(3000);
    const auto fragments = cut(ping, 1480);
    ASSERT_THAT(fragments, SizeIs(3));
    std::vector<std::size_t> order{0, 1, 2};
    do {
        HairpinLab lab;
        for (const std::size_t which : order) lab.workstation.send(fragments[which]);
        const SeenPacket answer = reassembled(lab.workstation.received());
        EXPECT_THAT(answer,
                    Icmp(0, 0, From(kGateway, 77), To(kWorkstation), Carries(SeenPacket::of_l3(ping.l3_bytes()).payload)));
        EXPECT_EQ(answer.icmp_rest, 3U);
        EXPECT_THAT(lab.counters(), AllOf(Sessions(0), Drops(0)));
        EXPECT_EQ(lab.gateway().held(), 0U);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Rfc1812, Section4_3_3_6Fragments_TheRulesAreAskedAboutThem) {
    HairpinLab lab{
        [](gateway::Ruleset& rules) { std::erase_if(rules.firewall, [](const auto& rule) { return rule.id == kEchoRule; }); }};
    for (const PacketBuilder& fragment : cut(icmp_echo().from(kWorkstation).to(kGateway).payload(3000), 1480))
        lab.workstation.send(fragment);
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.counters().drops, 3U);
    EXPECT_EQ(lab.gateway().held(), 0U);
}

TEST(Rfc1812, Section4_3_3_6Fragments_ManyThatAreNeverFinishedDisplaceTheirOwn) {
    HairpinLab lab;
    constexpr Ipv4Address kFlooder{192, 168, 255, 66};
    Host& flooder = lab.add_host({"flooder", "lan", MacAddress::from_number(0x0200'0000'bb66), kLanMac, {kFlooder}});
    const auto honest = cut(icmp_echo().from(kWorkstation).to(kGateway).payload(3000), 1480);
    lab.workstation.send(honest[0]);
    lab.workstation.send(honest[1]);
    for (unsigned id = 0; id < 100; ++id) flooder.send(cut(icmp_echo().from(kFlooder).to(kGateway).payload(3000), 1480, id)[0]);
    EXPECT_EQ(lab.gateway().held(), 2U + gateway::OwnDatagrams::kDatagramsPerSource);
    EXPECT_EQ(lab.dropped(DropReason::fragment_table_full), 100U - gateway::OwnDatagrams::kDatagramsPerSource);
    lab.workstation.send(honest[2]);
    EXPECT_THAT(reassembled(lab.workstation.received()), Icmp(0, 0, From(kGateway)));
}

TEST(Rfc792, Reassembly_WhoseTimeRanOutIsTold) {
    HairpinLab lab;
    const auto fragments = cut(icmp_echo().from(kWorkstation).to(kGateway).identifier(77).payload(3000), 1480);
    lab.workstation.send(fragments[0]);
    lab.workstation.send(fragments[2]);
    EXPECT_EQ(lab.gateway().held(), 2U);
    lab.wait(29s);
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.wait(2s);
    const SeenPacket error = lab.workstation.received_one();
    EXPECT_THAT(error, Icmp(11, 1, From(kGateway), To(kWorkstation), About(Icmp(8, 0, From(kWorkstation, 77), To(kGateway)))));
    EXPECT_EQ(lab.dropped(DropReason::fragment_timeout), 2U);
    EXPECT_EQ(lab.gateway().held(), 0U);
}

// RFC 792: without the first fragment nobody needs to be told.
TEST(Rfc792, Reassembly_WithoutTheFirstFragmentNobodyIsTold) {
    HairpinLab lab;
    lab.workstation.send(cut(icmp_echo().from(kWorkstation).to(kGateway).payload(3000), 1480)[1]);
    lab.wait(31s);
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::fragment_timeout), 1U);
}

// ---- Identifications ---------------------------------------------------------------------------------------------------------------

// Two hosts that count alike, as after booting at once.
TEST(Rfc6864, Section5_3_1_BehindOneAddressTwoHostsHaveDifferentIdentifications) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    std::vector<unsigned> seen;
    for (unsigned id = 1; id <= 50; ++id) {
        lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(9).ip_id(id));
        second.send(udp().from(kSecondHost, 40000).to(kInternet, 53).payload(9).ip_id(id));
        for (const SeenPacket& packet : lab.internet.received()) seen.push_back(packet.id);
    }
    ASSERT_THAT(seen, SizeIs(100));
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << "two are the same";
}

TEST(Rfc7857, Section10_FragmentsOfTwoHostsAreNotMixedUp) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    const auto one = cut(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(3000), 1480, 7);
    const auto two = cut(udp().from(kSecondHost, 40000).to(kInternet, 53).payload(3000), 1480, 7);
    // The last of one comes first, and the first of the other between its siblings.
    lab.workstation.send(one[2]);
    second.send(two[0]);
    lab.workstation.send(one[0]);
    second.send(two[2]);
    lab.workstation.send(one[1]);
    second.send(two[1]);
    auto seen = lab.internet.received();
    ASSERT_THAT(seen, SizeIs(6));
    std::stable_sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    const SeenPacket first = reassembled({seen[0], seen[1], seen[2]}), other = reassembled({seen[3], seen[4], seen[5]});
    EXPECT_NE(first.id, other.id);
    EXPECT_NE(first.source_port, other.source_port);
}

TEST(Rfc6864, Section5_3_1_AtomicDatagramsKeepTheirs) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(9).ip_id(4711).dont_fragment());
    EXPECT_EQ(lab.internet.received_one().id, 4711U);
}

TEST(Rfc6864, Section5_3_1_WhoeverKeepsHisAddressKeepsHisIdentification) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.nat.clear(); }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(9).ip_id(4711));
    EXPECT_EQ(lab.internet.received_one().id, 4711U);
}

TEST(Rfc6864, Section4_3_AnAnswerToAPingHasAnIdentificationOfItsOwn) {
    HairpinLab lab;
    std::vector<unsigned> seen;
    for (unsigned i = 0; i < 3; ++i) {
        lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).ip_id(7));
        seen.push_back(lab.workstation.received_one().id);
    }
    EXPECT_NE(seen[0], seen[1]);
    EXPECT_NE(seen[1], seen[2]);
}

}  // namespace
}  // namespace hairpin::testing
