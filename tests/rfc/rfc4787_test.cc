// RFC 4787: NAT for unicast UDP.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Rfc4787, Req5b_TheTimerIsASetting) {
    HairpinLab lab{with_timeout(gateway::SessionState::udp, 130s)};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    expect_life_of(lab, 130s);
}

// Payloads that an ALG would be after: an inside address in the words of SIP, on the ports of SIP, TFTP and others.
TEST(Rfc4787, Req10_NoPayloadIsTouched) {
    HairpinLab lab;
    for (const unsigned service : {69U, 137U, 1719U, 5060U}) {
        const PacketBuilder said = udp().from(kWorkstation, 5060).to(kInternet, service).payload("c=IN IP4 192.168.255.2\r\n");
        const Bytes payload = SeenPacket::of_l3(said.l3_bytes()).payload;
        lab.workstation.send(said);
        EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(To(kInternet, service), Carries(payload))));
        lab.internet.answer();
        EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, service), Carries(payload))));
    }
    EXPECT_THAT(lab.counters(), Sessions(4)) << "and none of it opened another way in";
}

TEST(Rfc4787, Req12_NoIcmpEndsAMapping) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    say_all_that_icmp_can(lab, seen);

    EXPECT_THAT(lab.counters(), Sessions(1));
    EXPECT_THAT(lab.endings(), IsEmpty());
    lab.internet.send(answer_to(seen));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, 53), To(kWorkstation, 40000))));
}

TEST(Rfc4787, Req12a_AnErrorIsWelcomeWhoeverItIsFrom) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    for (const Ipv4Address router : {kRouter, kInternet, Ipv4Address{192, 0, 2, 77}, Ipv4Address{10, 9, 8, 7}}) {
        lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, seen.l3).from(router).to(kExternal));
        EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0, From(router), To(kWorkstation))));
    }
}

TEST(Rfc4787, Req12b_DestinationUnreachableOfEveryCodeArrives) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    for (unsigned code = 0; code < 16; ++code) {
        lab.internet.send(icmp_error(IcmpType::destination_unreachable, code, seen.l3).from(kRouter).to(kExternal));
        EXPECT_THAT(lab.workstation.received(),
                    ElementsAre(Icmp(3, code, To(kWorkstation), About(Udp(From(kWorkstation, 40000), To(kInternet, 53))))));
    }
}

HairpinLab::Change narrow_uplink() {
    return [](gateway::Ruleset& rules) { rules.interfaces[index_of(kUplink)].mtu = 600; };
}

TEST(Rfc4787, Req13_TooBigIsSaidToTheHostInside) {
    HairpinLab lab{narrow_uplink()};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(1000).dont_fragment());
    EXPECT_THAT(lab.workstation.received(), ElementsAre(AllOf(Icmp(3, 4, From(kGateway)), Field(&SeenPacket::icmp_rest, 600U))));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
}

TEST(Rfc4787, Req13a_WithoutDontFragmentItIsCutInOrder) {
    HairpinLab lab{narrow_uplink()};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(1400));
    const auto pieces = lab.internet.received();
    ASSERT_THAT(pieces, SizeIs(3));
    for (std::size_t i = 1; i < pieces.size(); ++i) EXPECT_GT(pieces[i].fragment_offset, pieces[i - 1].fragment_offset);
    EXPECT_THAT(reassembled(pieces), Udp(From(kExternal), To(kInternet, 53)));
}

// Fragments that never become whole, from as many sources as there are of them. In between a flow goes on whole and in fragments.
TEST(Rfc4787, Req14a_CleanTrafficPassesAFragmentFlood) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(1200));
    const SeenPacket seen = lab.internet.received_one();
    const Bytes l4 = SeenPacket::of_l3(answer_to(seen).l3_bytes()).l4;
    const auto piece = [&](unsigned id, std::size_t at, std::size_t size, bool more) {
        PacketBuilder fragment = ip(17).from(kInternet).to(kExternal).ip_id(id);
        return fragment.fragment(at, more).payload(std::span{l4}.subspan(at, size));
    };

    for (unsigned i = 0; i < 4000; ++i) {
        PacketBuilder junk = ip(17).from(Ipv4Address{0xc612'0000 + i}).to(kExternal).ip_id(i);
        lab.internet.send(junk.fragment(800, false).payload(400));
        if (i % 100 != 0) continue;
        lab.internet.send(answer_to(seen));
        EXPECT_THAT(lab.workstation.received(), SizeIs(1)) << "whole, after " << i;
        lab.internet.send(piece(i, 0, 800, true));
        lab.internet.send(piece(i, 800, l4.size() - 800, false));
        EXPECT_THAT(reassembled(lab.workstation.received()), Udp(To(kWorkstation, 40000))) << "in order, after " << i;
    }
    EXPECT_GT(lab.dropped(DropReason::fragment_table_full), 3000U) << "it was a flood";
}

// Somebody beyond a router outside has an address of the inside's subnet: NAT gives him another one, and a route leads there.
TEST(Rfc4787, Req7_SomebodyOutsideMayHaveAnAddressOfTheInside) {
    constexpr Ipv4Address kTwin{192, 168, 255, 77}, kAlias{198, 18, 0, 77};
    HairpinLab lab{[&](gateway::Ruleset& rules) {
        rules.routes.push_back({*Ipv4Prefix::parse("192.168.255.77/32"), kRouter, {}});
        rules.nat.push_back(dnat(65537, on({kLan}), IpProtocol::udp, "198.18.0.77", port(53), "192.168.255.77", port(53)));
        rules.firewall.insert(rules.firewall.begin(),
                              firewall_rule(5, gateway::FirewallAction::accept, by(kLan), at("198.18.0.77")));
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kAlias, 53));
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_THAT(seen, Udp(From(kExternal), To(kTwin, 53)));
    lab.internet.send(udp().from(kTwin, 53).to(kExternal, seen.source_port));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kAlias, 53), To(kWorkstation, 40000))));
}

}  // namespace
}  // namespace hairpin::testing
