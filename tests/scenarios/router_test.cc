// The gateway as a router among others: what must stay on its link, and from which of its addresses it speaks.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::Ruleset;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---- Martians -----------------------------------------------------------------------------------------------------------------

TEST(Rfc1812, Section5_3_7Broadcast_ASubnetsBroadcastIsNoSource) {
    HairpinLab lab;
    lab.workstation.send(udp().from({192, 168, 255, 255}, 5000).to(kInternet, 53));
    lab.internet.send(tcp().from({203, 0, 113, 255}, 5000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::martian_source), 2U);
}

TEST(Rfc1812, Section4_3_2_7Broadcast_NobodyIsToldWhoNamesItAsHisOwn) {
    HairpinLab lab;
    lab.workstation.send(udp().from({192, 168, 255, 255}, 5000).to(kInternet, 53).ttl(1));
    lab.workstation.send(udp().from({192, 168, 255, 255}, 5000).to(kGateway, 53));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.counters().drops, 2U) << "and no error was made only to be dropped";
}

TEST(Rfc1812, Section5_3_7LinkLocal_WhatIsForOneLinkStaysThere) {
    HairpinLab lab{[](Ruleset& rules) { rules.nat[0].original_address.reset(); }};
    constexpr Ipv4Address kLinkLocal{169, 254, 9, 9};
    lab.workstation.send(udp().from(kLinkLocal, 5000).to(kInternet, 53));
    lab.internet.send(tcp().from(kLinkLocal, 5000).to(kExternal, 80).syn());
    EXPECT_EQ(lab.dropped(DropReason::martian_source), 2U);
    lab.workstation.send(udp().from(kWorkstation, 5000).to(kLinkLocal, 53));
    EXPECT_EQ(lab.dropped(DropReason::martian_destination), 1U);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.counters(), AllOf(Sessions(0), Drops(3)));
}

TEST(Rfc1812, Section5_3_7LinkLocal_OnItsOwnLinkTheGatewayAnswersToIt) {
    HairpinLab lab{[](Ruleset& rules) {
        rules.interfaces[index_of(kLan)].addresses.push_back(*Ipv4InterfaceAddress::parse("169.254.7.1/30"));
    }};
    constexpr Ipv4Address kPeer{169, 254, 7, 2};
    Host& peer = lab.add_host({"peer", "lan", MacAddress::from_number(0x0200'0000'bb78), kLanMac, {kPeer}});
    peer.send(icmp_echo().from(kPeer).to({169, 254, 7, 1}));
    EXPECT_THAT(peer.received(), ElementsAre(Icmp(0, 0, From({169, 254, 7, 1}), To(kPeer))));
}

// A metadata service: a rule says where it really is.
TEST(Rfc1812, Section5_3_7LinkLocal_ARuleMayTakeADestinationOffIt) {
    HairpinLab lab{[](Ruleset& rules) {
        rules.nat.push_back(dnat(70000, on({kLan}), IpProtocol::tcp, "169.254.169.254", port(80), "198.51.100.10", port(80)));
    }};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to({169, 254, 169, 254}, 80).syn());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(To(kInternet, 80))));
}

TEST(Rfc1812, Section5_3_7LinkLocal_NorDoesARouterBeyondItsLinkSpeakFromIt) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, seen.l3).from({169, 254, 1, 1}).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::martian_source), 1U);
}

// ---- From where the gateway speaks ---------------------------------------------------------------------------------------------

TEST(Rfc1812, Section4_3_2_4_TheErrorsSourceIsOnTheSubnetOfItsReceiver) {
    HairpinLab lab{[](Ruleset& rules) {
        rules.interfaces[index_of(kLan)].addresses.push_back(*Ipv4InterfaceAddress::parse("192.168.254.1/24"));
    }};
    constexpr Ipv4Address kOther{192, 168, 254, 2};
    Host& other = lab.add_host({"other", "lan", MacAddress::from_number(0x0200'0000'bb79), kLanMac, {kOther}});
    other.send(udp().from(kOther, 5000).to(kInternet, 53).ttl(1));
    EXPECT_THAT(other.received(), ElementsAre(Icmp(11, 0, From({192, 168, 254, 1}), To(kOther))));
    lab.workstation.send(udp().from(kWorkstation, 5000).to(kInternet, 53).ttl(1));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0, From(kGateway))));
}

// It came by the uplink, but the way back to who sent it is the LAN.
TEST(Rfc1812, Section4_3_2_4_TheErrorsSourceIsOfWhereItLeaves) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kWorkstation, 5000).to(kExternal, 80).syn().ttl(1));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0, From(kGateway), To(kWorkstation))));
    EXPECT_EQ(lab.dropped(DropReason::ttl_expired), 1U);
}

}  // namespace
}  // namespace hairpin::testing
