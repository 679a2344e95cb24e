// What the switch does with frames, told in packets. After every test the books must balance and no packet may be lost.
#include "switch/bridge.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/support/packet_builder.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kAlice = MacAddress::from_number(0x0200'0000'00aa);
constexpr auto kBob = MacAddress::from_number(0x0200'0000'00bb);
constexpr auto kCarol = MacAddress::from_number(0x0200'0000'00cc);
constexpr auto kGateway = MacAddress::from_number(0x0200'0000'0001);

PacketBuilder frame(MacAddress from, MacAddress to) { return udp().from_mac(from).to_mac(to).payload(20); }

VlanMembership access(unsigned vlan) {
    return {.kind = VlanMembership::Kind::access, .access = VlanId{static_cast<std::uint16_t>(vlan)}};
}
VlanMembership trunk(std::initializer_list<std::uint16_t> vlans, unsigned native = 0) {
    VlanMembership membership{.kind = VlanMembership::Kind::trunk, .native = VlanId{static_cast<std::uint16_t>(native)}};
    for (const auto vlan : vlans) membership.tagged.emplace_back(vlan);
    return membership;
}

class BridgeTest : public ::testing::Test {
protected:
    BridgeTest() { lan_ = bridge_.add_segment("lan"); }
    void TearDown() override {
        out_.drain([&](PortId, Batch& batch) { ledger_.transmitted += batch.size(); });
        EXPECT_EQ(ledger_.expected_held(), 0);
        EXPECT_EQ(pool_.in_use(), 0u);
    }

    PortId add_port(VlanMembership vlan = {}, unsigned mtu = 1500) { return bridge_.add_port(lan_, vlan, mtu); }

    // What goes out where when this frame comes in.
    std::multimap<PortId, Bytes> forward(PortId ingress, PacketPtr packet) {
        Batch batch;
        batch.push_back(std::move(packet));
        ++ledger_.received;
        bridge_.forward(ingress, batch, now_, out_);
        EXPECT_TRUE(batch.empty());
        std::multimap<PortId, Bytes> egress;
        out_.drain([&](PortId port, Batch& sent) {
            for (const PacketPtr& one : sent) {
                EXPECT_EQ(one->ingress, ingress);
                egress.emplace(port, bytes_of(*one));
                ++ledger_.transmitted;
            }
        });
        return egress;
    }
    std::multimap<PortId, Bytes> forward(PortId ingress, const PacketBuilder& packet) {
        return forward(ingress, packet.in(pool_));
    }
    // Only where.
    std::vector<PortId> egress_of(PortId ingress, const PacketBuilder& packet) {
        std::vector<PortId> ports;
        for (const auto& [port, bytes] : forward(ingress, packet)) ports.push_back(port);
        return ports;
    }
    DropReason the_drop(PortId ingress, const PacketBuilder& packet) {
        const auto before = ledger_.dropped;
        const auto drops_before = bridge_.drops(ingress);
        EXPECT_THAT(egress_of(ingress, packet), IsEmpty());
        EXPECT_EQ(bridge_.drops(ingress), drops_before + 1);
        for (std::size_t i = 0; i < before.size(); ++i)
            if (ledger_.dropped[i] != before[i]) return static_cast<DropReason>(i);
        ADD_FAILURE() << "nothing was dropped";
        return {};
    }

    PacketPool pool_{{.small = 128, .large = 16}};
    Ledger ledger_;
    Bridge bridge_{{.age = 300s, .capacity = 100, .port_limit = 50}, HashKey{}, pool_, ledger_};
    Outbox<PortId> out_;
    Timestamp now_{};
    SegmentId lan_{};
};

class ThreeHosts : public BridgeTest {
protected:
    PortId a_ = add_port(), b_ = add_port(), c_ = add_port();
};

TEST_F(ThreeHosts, AnUnknownStationIsSearchedEverywhereButWhereTheFrameCameFrom) {
    const auto sent = forward(a_, frame(kAlice, kBob));
    EXPECT_EQ(sent, (std::multimap<PortId, Bytes>{{b_, frame(kAlice, kBob).bytes()}, {c_, frame(kAlice, kBob).bytes()}}));
    EXPECT_EQ(ledger_.copied, 1u);
}

TEST_F(ThreeHosts, AKnownStationGetsItsFramesAlone) {
    forward(b_, frame(kBob, kAlice));
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(b_));
    EXPECT_THAT(egress_of(b_, frame(kBob, kAlice)), ElementsAre(a_));
}

TEST_F(ThreeHosts, BroadcastAndMulticastReachEverybody) {
    forward(b_, frame(kBob, kAlice));
    EXPECT_THAT(egress_of(a_, arp_request().from_mac(kAlice)), UnorderedElementsAre(b_, c_));
    EXPECT_THAT(egress_of(a_, frame(kAlice, MacAddress::from_number(0x0100'5e00'0001))), UnorderedElementsAre(b_, c_));
}

TEST_F(ThreeHosts, AStationThatMovedIsReachedAtOnce) {
    forward(b_, frame(kBob, kAlice));
    forward(c_, frame(kBob, kAlice));
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(c_));
}

TEST_F(ThreeHosts, ASilentStationIsSearchedAgain) {
    forward(b_, frame(kBob, kAlice));
    now_ += 301s;
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(b_, c_));
    EXPECT_EQ(bridge_.expire(now_), 1u);
}

TEST_F(ThreeHosts, NothingGoesBackWhereItCameFrom) {
    forward(a_, frame(kBob, kAlice));
    EXPECT_EQ(the_drop(a_, frame(kAlice, kBob)), DropReason::no_egress);
}

TEST_F(ThreeHosts, AStationTalkingToItselfGoesNowhere) { EXPECT_EQ(the_drop(a_, frame(kAlice, kAlice)), DropReason::no_egress); }

TEST_F(BridgeTest, AloneOnASegmentFramesGoNowhere) {
    const PortId only = add_port();
    EXPECT_EQ(the_drop(only, frame(kAlice, kBob)), DropReason::no_egress);
    EXPECT_EQ(the_drop(only, arp_request().from_mac(kAlice)), DropReason::no_egress);
}

TEST_F(ThreeHosts, ControlFramesOfTheLinkAreNotForwarded) {
    for (unsigned last = 0; last < 16; ++last)
        EXPECT_EQ(the_drop(a_, frame(kAlice, MacAddress::from_number(0x0180'c200'0000 + last))), DropReason::link_local_control);
    EXPECT_THAT(egress_of(a_, frame(kAlice, MacAddress::from_number(0x0180'c200'0010))), UnorderedElementsAre(b_, c_))
        << "the next is not one";
}

TEST_F(ThreeHosts, OnlyStationsMaySpeak) {
    EXPECT_EQ(the_drop(a_, frame(MacAddress::broadcast(), kBob)), DropReason::source_not_station);
    EXPECT_EQ(the_drop(a_, frame(MacAddress::from_number(0x0100'5e00'0001), kBob)), DropReason::source_not_station);
    EXPECT_EQ(the_drop(a_, frame(MacAddress{}, kBob)), DropReason::source_not_station);
    EXPECT_EQ(bridge_.stations().size(), 0u);
}

TEST_F(ThreeHosts, RuntsAreDroppedAtEveryLength) {
    const Bytes whole = frame(kAlice, kBob).vlan(5).bytes();
    for (std::size_t length = 0; length < 18; ++length) {
        Batch batch;
        batch.push_back(pool_.make(std::span{whole}.first(length)));
        ++ledger_.received;
        bridge_.forward(a_, batch, now_, out_);
        EXPECT_EQ(ledger_.dropped_for(DropReason::runt), length + 1);
    }
    EXPECT_TRUE(out_.empty());
}

TEST_F(BridgeTest, TooLongForTheEgressIsDroppedThereAlone) {
    const PortId a = add_port({}, 9000), small = add_port({}, 1500), large = add_port({}, 9000);
    const auto long_frame = udp().from_mac(kAlice).to_mac(MacAddress::broadcast()).payload(1473);  // 1501 bytes of L3
    EXPECT_THAT(egress_of(a, long_frame), ElementsAre(large));
    EXPECT_EQ(bridge_.drops(small), 1u);
    EXPECT_EQ(bridge_.drops(large), 0u);
    EXPECT_EQ(ledger_.dropped_for(DropReason::oversize), 1u);
    EXPECT_THAT(egress_of(a, PacketBuilder{long_frame}.payload(1472)), UnorderedElementsAre(small, large));
}

TEST_F(BridgeTest, ASuperPacketIsJudgedByItsSegments) {
    const PortId a = add_port(), b = add_port();
    const auto big = [](std::size_t size) { return tcp().from_mac(kAlice).to_mac(kBob).payload(30000).super_packet(size); };
    EXPECT_THAT(egress_of(a, big(1460)), ElementsAre(b));
    EXPECT_THAT(egress_of(a, big(1461)), IsEmpty());
    EXPECT_EQ(ledger_.dropped_for(DropReason::oversize), 1u);
}

TEST_F(BridgeTest, CopiesOfSuperPacketsKeepTheirMetadata) {
    const PortId a = add_port(), b = add_port(), c = add_port();
    Batch batch;
    batch.push_back(tcp().from_mac(kAlice).to_mac(kBob).payload(30000).super_packet(1000).in(pool_));
    ++ledger_.received;
    bridge_.forward(a, batch, now_, out_);
    std::size_t seen = 0;
    out_.drain([&](PortId port, Batch& sent) {
        EXPECT_TRUE(port == b || port == c);
        EXPECT_EQ(sent.at(0)->offload.segmentation, Segmentation::tcp4);
        EXPECT_TRUE(checksums_hold(*sent.at(0)));
        ++seen, ++ledger_.transmitted;
    });
    EXPECT_EQ(seen, 2u);
}

TEST_F(BridgeTest, WhenTheBuffersEndOnlyCopiesAreLost) {
    PacketPool small_pool{{.small = 2, .large = 0}};
    Ledger ledger;
    Bridge bridge{{}, HashKey{}, small_pool, ledger};
    const SegmentId lan = bridge.add_segment("lan");
    std::vector<PortId> ports;
    for (int i = 0; i < 5; ++i) ports.push_back(bridge.add_port(lan, {}, 1500));
    Batch batch;
    batch.push_back(frame(kAlice, kBob).in(small_pool));
    ledger.received = 1;
    bridge.forward(ports[0], batch, {}, out_);
    out_.drain([&](PortId, Batch& sent) { ledger.transmitted += sent.size(); });
    EXPECT_EQ(ledger.transmitted, 2u);
    EXPECT_EQ(ledger.dropped_for(DropReason::no_buffer), 2u);
    EXPECT_EQ(ledger.expected_held(), 0);
}

TEST_F(BridgeTest, SegmentsKnowNothingOfEachOther) {
    const PortId a = add_port(), b = add_port();
    const SegmentId wan = bridge_.add_segment("wan");
    const PortId c = bridge_.add_port(wan, {}, 1500);
    EXPECT_THAT(egress_of(a, arp_request().from_mac(kAlice)), ElementsAre(b));
    EXPECT_EQ(the_drop(c, frame(kCarol, kAlice)), DropReason::no_egress);
    EXPECT_EQ(bridge_.find_segment("wan"), wan);
    EXPECT_EQ(bridge_.find_segment("dmz"), std::nullopt);
}

TEST_F(BridgeTest, AnUnawarePortAdmitsNoTags) {
    const PortId a = add_port();
    add_port();
    EXPECT_EQ(the_drop(a, frame(kAlice, kBob).vlan(10)), DropReason::vlan_not_allowed);
    EXPECT_EQ(the_drop(a, frame(kAlice, kBob).vlan(4095)), DropReason::vlan_illegal);
}

TEST_F(BridgeTest, APriorityTagIsNoVlan) {
    const PortId a = add_port(), b = add_port();
    EXPECT_EQ(forward(a, frame(kAlice, kBob).vlan(0).vlan_priority(5)),
              (std::multimap<PortId, Bytes>{{b, frame(kAlice, kBob).bytes()}}));
}

class VlanTest : public BridgeTest {
protected:
    PortId ten_ = add_port(access(10)), twenty_ = add_port(access(20)), ten_too_ = add_port(access(10)),
           trunk_ = add_port(trunk({10, 20}, 30));
};

TEST_F(VlanTest, AccessPortsStayInTheirVlanAndTheTrunkGetsTags) {
    EXPECT_EQ(forward(ten_, frame(kAlice, kBob)), (std::multimap<PortId, Bytes>{{ten_too_, frame(kAlice, kBob).bytes()},
                                                                                {trunk_, frame(kAlice, kBob).vlan(10).bytes()}}));
}

TEST_F(VlanTest, FromTheTrunkATagLeadsToItsVlanAndComesOff) {
    EXPECT_EQ(forward(trunk_, frame(kAlice, kBob).vlan(20)),
              (std::multimap<PortId, Bytes>{{twenty_, frame(kAlice, kBob).bytes()}}));
}

TEST_F(VlanTest, TheNativeVlanTravelsUntagged) {
    const PortId thirty = add_port(access(30));
    EXPECT_EQ(forward(thirty, frame(kAlice, kBob)), (std::multimap<PortId, Bytes>{{trunk_, frame(kAlice, kBob).bytes()}}));
    EXPECT_EQ(forward(trunk_, frame(kBob, kAlice)), (std::multimap<PortId, Bytes>{{thirty, frame(kBob, kAlice).bytes()}}));
    EXPECT_THAT(egress_of(trunk_, frame(kBob, kAlice).vlan(30)), ElementsAre(thirty)) << "tagged it is admitted too";
}

TEST_F(VlanTest, FromTrunkToTrunkTagAndPriorityStay) {
    const PortId other = add_port(trunk({20, 40}));
    const auto tagged = frame(kAlice, kBob).vlan(20).vlan_priority(6);
    EXPECT_EQ(forward(trunk_, tagged),
              (std::multimap<PortId, Bytes>{{twenty_, frame(kAlice, kBob).bytes()}, {other, tagged.bytes()}}));
}

TEST_F(VlanTest, WhatAPortDoesNotCarryItDoesNotAdmit) {
    const PortId only_tagged = add_port(trunk({10}));
    EXPECT_EQ(the_drop(trunk_, frame(kAlice, kBob).vlan(40)), DropReason::vlan_not_allowed);
    EXPECT_EQ(the_drop(only_tagged, frame(kAlice, kBob)), DropReason::vlan_not_allowed) << "there is no native VLAN";
    EXPECT_EQ(the_drop(ten_, frame(kAlice, kBob).vlan(10)), DropReason::vlan_not_allowed)
        << "an access port takes no tags, not even its own";
}

TEST_F(VlanTest, ATagWithinATagHopsNowhere) {
    EXPECT_EQ(the_drop(trunk_, frame(kAlice, kBob).vlan(10).vlan(20)), DropReason::vlan_illegal);
    EXPECT_EQ(the_drop(ten_, frame(kAlice, kBob).vlan(0).vlan(20)), DropReason::vlan_illegal);
}

TEST_F(VlanTest, TheSameStationInTwoVlansIsTwo) {
    forward(ten_, frame(kBob, kAlice));
    forward(twenty_, frame(kBob, kAlice));
    EXPECT_THAT(egress_of(trunk_, frame(kAlice, kBob).vlan(10)), ElementsAre(ten_));
    EXPECT_THAT(egress_of(trunk_, frame(kAlice, kBob).vlan(20)), ElementsAre(twenty_));
}

TEST_F(VlanTest, TagsDoNotDisturbOffloads) {
    const auto big = tcp().from_mac(kAlice).to_mac(kBob).payload(20000).super_packet(1000);
    forward(trunk_, frame(kBob, kAlice).vlan(20));
    Batch batch;
    batch.push_back(big.in(pool_));
    ++ledger_.received;
    bridge_.forward(twenty_, batch, now_, out_);
    out_.drain([&](PortId port, Batch& sent) {
        EXPECT_EQ(port, trunk_);
        EXPECT_EQ(sent.at(0)->offload.checksum_start, 38);
        EXPECT_EQ(sent.at(0)->offload.header_length, 58);
        EXPECT_EQ(bytes_of(*sent.at(0)), PacketBuilder{big}.vlan(20).bytes());
        ++ledger_.transmitted;
    });
}

class WithGateway : public BridgeTest {
protected:
    PortId host_ = add_port(), other_ = add_port();
    PortId gateway_ = *bridge_.add_internal_port(lan_, VlanId::none(), kGateway, 1500);
};

TEST_F(WithGateway, WhatIsForItsMacReachesIt) {
    EXPECT_TRUE(bridge_.is_internal(gateway_));
    EXPECT_FALSE(bridge_.is_internal(host_));
    EXPECT_THAT(egress_of(host_, frame(kAlice, kGateway)), ElementsAre(gateway_));
    EXPECT_THAT(egress_of(host_, arp_request().from_mac(kAlice)), UnorderedElementsAre(gateway_, other_));
}

TEST_F(WithGateway, WhatIsForAnUnknownStationDoesNot) { EXPECT_THAT(egress_of(host_, frame(kAlice, kBob)), ElementsAre(other_)); }

TEST_F(WithGateway, WhatItSendsReachesItsStations) {
    forward(host_, frame(kAlice, kGateway));
    EXPECT_THAT(egress_of(gateway_, frame(kGateway, kAlice)), ElementsAre(host_));
    EXPECT_THAT(egress_of(gateway_, arp_request().from_mac(kGateway)), UnorderedElementsAre(host_, other_));
}

TEST_F(WithGateway, AHostThatClaimsItsMacDoesNotGetItsFrames) {
    forward(other_, frame(kGateway, kAlice));
    EXPECT_THAT(egress_of(host_, frame(kAlice, kGateway)), ElementsAre(gateway_));
    now_ += 24h;
    bridge_.expire(now_);
    EXPECT_THAT(egress_of(host_, frame(kAlice, kGateway)), ElementsAre(gateway_));
}

TEST_F(WithGateway, TwoInterfacesOfOneMacCannotShareALan) {
    EXPECT_EQ(bridge_.add_internal_port(lan_, VlanId::none(), kGateway, 1500), std::nullopt);
    EXPECT_TRUE(bridge_.add_internal_port(lan_, VlanId{10}, kGateway, 1500)) << "another VLAN is another LAN";
}

TEST_F(WithGateway, ItsVlanInterfaceGetsFramesUntagged) {
    const PortId trunk_port = add_port(trunk({10}));
    const PortId ten = *bridge_.add_internal_port(lan_, VlanId{10}, kGateway, 1500);
    EXPECT_EQ(forward(trunk_port, frame(kAlice, kGateway).vlan(10)),
              (std::multimap<PortId, Bytes>{{ten, frame(kAlice, kGateway).bytes()}}));
    EXPECT_EQ(forward(ten, frame(kGateway, kAlice)),
              (std::multimap<PortId, Bytes>{{trunk_port, frame(kGateway, kAlice).vlan(10).bytes()}}));
}

TEST_F(ThreeHosts, APortCanGoAndAnotherComeWhilePacketsPass) {
    forward(b_, frame(kBob, kAlice));
    bridge_.remove_port(b_);
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(c_)) << "its stations are forgotten";
    EXPECT_EQ(the_drop(b_, frame(kBob, kAlice)), DropReason::port_detached);

    const PortId again = add_port();
    EXPECT_EQ(again, b_) << "the lowest free id";
    EXPECT_EQ(bridge_.drops(again), 0u);
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(again, c_));
}

TEST_F(ThreeHosts, APortMovesToAnotherSegmentAndBack) {
    const SegmentId wan = bridge_.add_segment("wan");
    const PortId there = bridge_.add_port(wan, {}, 1500);
    forward(b_, frame(kBob, kAlice));
    bridge_.move_port(b_, wan, {});
    EXPECT_EQ(bridge_.segment_of(b_), wan);
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(c_)) << "its stations are forgotten";
    EXPECT_THAT(egress_of(b_, frame(kBob, kCarol)), ElementsAre(there));
    bridge_.move_port(b_, lan_, {});
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(b_, c_));
    EXPECT_EQ(the_drop(there, frame(kCarol, kBob)), DropReason::no_egress);
}

TEST_F(BridgeTest, APortMovesToAnotherVlanAndKeepsItsCounters) {
    const PortId ten = add_port(access(10)), twenty = add_port(access(20)), moving = add_port(access(10));
    the_drop(moving, frame(kAlice, kBob).vlan(30));
    EXPECT_THAT(egress_of(ten, frame(kAlice, kBob)), ElementsAre(moving));
    bridge_.move_port(moving, lan_, access(20));
    EXPECT_THAT(egress_of(twenty, frame(kAlice, kBob)), ElementsAre(moving));
    EXPECT_EQ(the_drop(ten, frame(kCarol, kBob)), DropReason::no_egress);
    EXPECT_EQ(bridge_.drops(moving), 1u);
}

TEST_F(ThreeHosts, AMirrorsDestinationMovesWithoutHearingItsNewSegment) {
    const SegmentId wan = bridge_.add_segment("wan");
    const PortId there = bridge_.add_port(wan, {}, 1500);
    bridge_.set_mirrors({{.name = "m", .sources = {{.port = a_, .in = true, .out = false}}, .to = c_}});
    bridge_.move_port(c_, wan, {});
    EXPECT_EQ(the_drop(there, frame(kAlice, kBob)), DropReason::no_egress);
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(b_, c_)) << "and the mirror goes on";
    bridge_.set_mirrors({});
    EXPECT_THAT(egress_of(there, frame(kAlice, kBob)), ElementsAre(c_)) << "it is back, where it stands now";
}

TEST_F(ThreeHosts, AStaticStationIsReachedWithoutHavingSpoken) {
    ASSERT_TRUE(bridge_.add_static_station(VlanId::none(), kBob, c_));
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(c_));
    forward(b_, frame(kBob, kAlice));
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(c_));
}

TEST_F(BridgeTest, AStaticStationOnAPortThatDoesNotCarryItsVlanIsNotReached) {
    const PortId ten = add_port(access(10)), twenty = add_port(access(20));
    ASSERT_TRUE(bridge_.add_static_station(VlanId{10}, kBob, twenty));
    EXPECT_EQ(the_drop(ten, frame(kAlice, kBob)), DropReason::vlan_not_allowed);
}

TEST_F(ThreeHosts, ABatchKeepsItsOrder) {
    forward(b_, frame(kBob, kAlice));
    Batch batch;
    for (std::size_t i = 0; i < 100; ++i) batch.push_back(frame(kAlice, kBob).payload(i).in(pool_));
    ledger_.received += batch.size();
    bridge_.forward(a_, batch, now_, out_);
    out_.drain([&](PortId port, Batch& sent) {
        EXPECT_EQ(port, b_);
        ASSERT_EQ(sent.size(), 100u);
        for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(sent[i]->size(), 42 + i);
        ledger_.transmitted += sent.size();
    });
}

}  // namespace
}  // namespace hairpin::l2
