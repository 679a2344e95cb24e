// Isolated ports, storm control, mirrors and the addresses of the link: what happens, and next to it what must not.
#include <gmock/gmock.h>

#include <chrono>

#include "feature_lab.h"
#include "switch/storm_control.h"

namespace hairpin::l2 {
namespace {

using namespace std::chrono_literals;
using testing::arp_request;
using testing::Bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::PacketBuilder;
using ::testing::UnorderedElementsAre;

class PortIsolation : public FeatureLab {
protected:
    PortIsolation() {
        for (const PortId port : {guest_, other_guest_}) bridge_.set_features(port, {.isolated = true});
    }
    PortId guest_ = add_port(), other_guest_ = add_port(), server_ = add_port();
};

TEST_F(PortIsolation, IsolatedPortsReachOnlyThoseThatAreNot) {
    EXPECT_THAT(egress_of(guest_, arp_request().from_mac(kAlice)), ElementsAre(server_));
    EXPECT_THAT(egress_of(server_, arp_request().from_mac(kCarol)), UnorderedElementsAre(guest_, other_guest_));
    EXPECT_THAT(egress_of(guest_, frame(kAlice, kCarol)), ElementsAre(server_));
    EXPECT_THAT(egress_of(server_, frame(kCarol, kAlice)), ElementsAre(guest_));
    EXPECT_EQ(dropped(DropReason::port_isolated), 0u);
}

TEST_F(PortIsolation, AKnownStationBehindAnIsolatedPortIsNotReachedFromAnother) {
    forward(other_guest_, frame(kBob, kCarol));
    EXPECT_THAT(egress_of(guest_, frame(kAlice, kBob)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::port_isolated), 1u);
    EXPECT_EQ(bridge_.drops(guest_, DropReason::port_isolated), 1u);
}

TEST_F(PortIsolation, WhereNobodyElseIsTheReasonSaysWhy) {
    bridge_.remove_port(server_);
    EXPECT_THAT(egress_of(guest_, arp_request().from_mac(kAlice)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::port_isolated), 1u);
}

TEST_F(PortIsolation, EndsWhenItIsTakenAway) {
    bridge_.set_features(guest_, {});
    EXPECT_THAT(egress_of(guest_, arp_request().from_mac(kAlice)), UnorderedElementsAre(other_guest_, server_));
}

TEST_F(PortIsolation, TheGatewayIsReachedByAll) {
    const auto mac = MacAddress::from_number(0x0200'0000'0001);
    const PortId gateway = *bridge_.add_internal_port(lan_, VlanId::none(), mac, 1500);
    EXPECT_THAT(egress_of(guest_, frame(kAlice, mac)), ElementsAre(gateway));
    EXPECT_THAT(egress_of(gateway, frame(mac, kAlice)), ElementsAre(guest_));
}

class StormControlTest : public FeatureLab {
protected:
    using Traffic = StormControl::Traffic;
    static constexpr StormLimit kTenPackets{StormLimit::Unit::packets, 10};
    // Of so many, sent evenly over a second, how many pass.
    std::size_t passing(const PacketBuilder& packet, int count) {
        std::size_t passed = 0;
        for (int i = 0; i < count; ++i) {
            now_ += std::chrono::nanoseconds{1s} / count;
            if (!forward(from_, packet).empty()) ++passed;
        }
        return passed;
    }
    std::vector<SwitchEvent> events() {
        std::vector<SwitchEvent> events;
        bridge_.tick(now_, out_);
        bridge_.events().take([&](const SwitchEvent& event) { events.push_back(event); });
        return events;
    }
    PortId from_ = add_port(), to_ = add_port();
};

TEST_F(StormControlTest, LimitsEachKindByItself) {
    bridge_.set_features(from_,
                         {.storm = {.broadcast = kTenPackets, .unknown_unicast = StormLimit{StormLimit::Unit::packets, 50}}});
    passing(arp_request().from_mac(kAlice), 10);  // the burst is used up
    EXPECT_NEAR(static_cast<double>(passing(arp_request().from_mac(kAlice), 200)), 10, 1);
    EXPECT_NEAR(static_cast<double>(passing(frame(kAlice, kBob), 200)), 50, 8);
    EXPECT_EQ(passing(frame(kAlice, MacAddress::from_number(0x0100'5e01'0203)), 200), 200u) << "multicast has no limit";
    EXPECT_GT(dropped(DropReason::storm_control), 300u);
}

TEST_F(StormControlTest, AKnownStationIsNeverLimited) {
    bridge_.set_features(from_, {.storm = {kTenPackets, kTenPackets, kTenPackets}});
    forward(to_, frame(kBob, kAlice));
    EXPECT_EQ(passing(frame(kAlice, kBob), 200), 200u);
    EXPECT_EQ(dropped(DropReason::storm_control), 0u);
}

TEST_F(StormControlTest, OtherPortsAreNotLimited) {
    bridge_.set_features(to_, {.storm = {kTenPackets, kTenPackets, kTenPackets}});
    EXPECT_EQ(passing(arp_request().from_mac(kAlice), 200), 200u);
}

TEST_F(StormControlTest, BitsAreThoseOfTheFrames) {
    bridge_.set_features(from_, {.storm = {.broadcast = StormLimit{StormLimit::Unit::bits, 80'000}}});
    const auto thousand_bytes = frame(kAlice, MacAddress::broadcast()).payload(1000 - 42);
    passing(thousand_bytes, 20);
    EXPECT_NEAR(static_cast<double>(passing(thousand_bytes, 100)), 10, 1);
}

TEST_F(StormControlTest, OfASuperPacketEverySegmentCounts) {
    bridge_.set_features(from_, {.storm = {.unknown_unicast = StormLimit{StormLimit::Unit::packets, 20}}});
    const auto twenty = testing::tcp().from_mac(kAlice).to_mac(kBob).payload(20'000).super_packet(1000);
    EXPECT_FALSE(forward(from_, twenty).empty()) << "it passes whole";
    EXPECT_TRUE(forward(from_, twenty).empty());
    now_ += 800ms;
    EXPECT_TRUE(forward(from_, twenty).empty()) << "its debt is not paid yet";
    now_ += 200ms;
    EXPECT_FALSE(forward(from_, twenty).empty());
    EXPECT_EQ(bridge_.storm_control(from_)->meter(Traffic::unknown_unicast)->dropped, 40u);
}

TEST_F(StormControlTest, TellsOnceThatItBeginsAndThatItEnds) {
    bridge_.set_features(from_, {.storm = {.broadcast = kTenPackets}});
    passing(arp_request().from_mac(kAlice), 8);
    EXPECT_THAT(events(), IsEmpty());
    passing(arp_request().from_mac(kAlice), 500);
    const auto begun = events();
    ASSERT_EQ(begun.size(), 1u);
    EXPECT_EQ(begun[0].kind, SwitchEvent::Kind::storm_begins);
    EXPECT_EQ(begun[0].port, from_);
    EXPECT_EQ(begun[0].traffic, "broadcast");
    passing(arp_request().from_mac(kAlice), 500);
    EXPECT_THAT(events(), IsEmpty());
    now_ += StormControl::kCalm - 1ms;
    EXPECT_THAT(events(), IsEmpty());
    now_ += 1s;
    const auto ended = events();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].kind, SwitchEvent::Kind::storm_ends);
    EXPECT_EQ(ended[0].count, dropped(DropReason::storm_control));
}

TEST_F(StormControlTest, WhatStaysAsItWasCountsOn) {
    bridge_.set_features(from_, {.storm = {.broadcast = kTenPackets}});
    passing(arp_request().from_mac(kAlice), 100);
    const auto before = bridge_.storm_control(from_)->meter(Traffic::broadcast)->dropped;
    bridge_.set_features(from_, {.isolated = true, .storm = {.broadcast = kTenPackets}});
    EXPECT_EQ(bridge_.storm_control(from_)->meter(Traffic::broadcast)->dropped, before);
    bridge_.set_features(from_, {});
    EXPECT_EQ(bridge_.storm_control(from_), nullptr);
}

class PortMirror : public FeatureLab {
protected:
    void mirror(bool in, bool out) { bridge_.set_mirrors({{.name = "m", .sources = {{a_, in, out}}, .to = probe_}}); }
    PortId a_ = add_port(), b_ = add_port(), c_ = add_port(), probe_ = add_port();
};

TEST_F(PortMirror, CopiesWhatGoesInAndOut) {
    mirror(true, true);
    forward(b_, frame(kBob, kCarol));
    collect();
    const auto in = forward(a_, frame(kAlice, kBob));
    EXPECT_EQ(in, (Sent{{b_, frame(kAlice, kBob).bytes()}, {probe_, frame(kAlice, kBob).bytes()}}));
    const auto out = forward(b_, frame(kBob, kAlice));
    EXPECT_EQ(out, (Sent{{a_, frame(kBob, kAlice).bytes()}, {probe_, frame(kBob, kAlice).bytes()}}));
    EXPECT_EQ(bridge_.mirrors().all()[0].copies, 3u) << "the first was flooded, so it went out by a, too";
}

TEST_F(PortMirror, TakesOnlyTheDirectionThatIsWanted) {
    mirror(true, false);
    EXPECT_THAT(egress_of(b_, arp_request().from_mac(kBob)), UnorderedElementsAre(a_, c_));
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(b_, probe_));
    mirror(false, true);
    EXPECT_THAT(egress_of(b_, frame(kBob, kAlice)), UnorderedElementsAre(a_, probe_));
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), ElementsAre(b_));
}

TEST_F(PortMirror, NothingElseGoesToItsPortAndNothingComesIn) {
    forward(probe_, frame(kCarol, kAlice));
    mirror(true, true);
    EXPECT_THAT(egress_of(b_, frame(kBob, kCarol)), UnorderedElementsAre(a_, c_, probe_)) << "one copy of what went out by a";
    EXPECT_THAT(egress_of(c_, frame(kBob, kAlice)), UnorderedElementsAre(a_, b_, probe_));
    EXPECT_THAT(egress_of(probe_, frame(kCarol, kBob)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::mirror_port), 1u);
    bridge_.set_mirrors({});
    EXPECT_THAT(egress_of(probe_, arp_request().from_mac(kCarol)), UnorderedElementsAre(a_, b_, c_));
    EXPECT_THAT(egress_of(b_, arp_request().from_mac(kBob)), UnorderedElementsAre(a_, c_, probe_));
}

TEST_F(PortMirror, WhatIsDroppedIsSeenComingIn) {
    mirror(true, true);
    const auto hopping = frame(kAlice, kBob).vlan(7);
    EXPECT_EQ(forward(a_, hopping), (Sent{{probe_, hopping.bytes()}}));
    EXPECT_EQ(dropped(DropReason::vlan_not_allowed), 1u);
}

TEST_F(PortMirror, TagsAreThoseOfTheSource) {
    const PortId ten = add_port(access(10)), tagged = add_port(trunk({10}));
    bridge_.set_mirrors({{.name = "m", .sources = {{tagged, true, true}}, .to = probe_}});
    const auto full = frame(kAlice, kBob).payload(1472);
    EXPECT_EQ(forward(ten, full),
              (Sent{{tagged, PacketBuilder{full}.vlan(10).bytes()}, {probe_, PacketBuilder{full}.vlan(10).bytes()}}));
}

TEST_F(PortMirror, SuperPacketsAreCopiedWhole) {
    mirror(true, false);
    const auto big = testing::tcp().from_mac(kAlice).to_mac(kBob).payload(30'000).super_packet(1000);
    Batch batch;
    batch.push_back(big.in(pool_));
    ++ledger_.received;
    bridge_.forward(a_, batch, now_, out_);
    std::size_t copies = 0;
    out_.drain([&](PortId port, Batch& sent) {
        for (const PacketPtr& packet : sent) {
            EXPECT_EQ(packet->offload.segmentation, Segmentation::tcp4);
            EXPECT_EQ(packet->size(), big.bytes().size());
            copies += port == probe_ ? 1 : 0;
            ++ledger_.transmitted;
        }
    });
    EXPECT_EQ(copies, 1u);
}

TEST_F(PortMirror, WhereBothAreSourcesTheFrameIsSeenTwice) {
    forward(b_, frame(kBob, kAlice));
    bridge_.set_mirrors({{.name = "m", .sources = {{a_, true, true}, {b_, true, true}}, .to = probe_}});
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(b_, probe_, probe_));
}

TEST_F(PortMirror, EndsWithItsPort) {
    mirror(true, true);
    bridge_.remove_port(probe_);
    EXPECT_THAT(egress_of(a_, frame(kAlice, kBob)), UnorderedElementsAre(b_, c_));
    EXPECT_THAT(bridge_.mirrors().all(), IsEmpty());
}

TEST_F(PortMirror, WithoutBuffersOnlyTheCopyIsLost) {
    PacketPool small_pool{{.small = 1, .large = 0}};
    Ledger ledger;
    Bridge bridge{{}, HashKey{}, small_pool, ledger};
    const SegmentId lan = bridge.add_segment("lan");
    const PortId a = bridge.add_port(lan, {}, 1500), b = bridge.add_port(lan, {}, 1500), probe = bridge.add_port(lan, {}, 1500);
    bridge.set_mirrors({{.name = "m", .sources = {{a, true, false}}, .to = probe}});
    Batch batch;
    batch.push_back(frame(kAlice, kBob).in(small_pool));
    ledger.received = 1;
    Outbox<PortId> out;
    bridge.forward(a, batch, {}, out);
    out.drain([&](PortId port, Batch& sent) {
        EXPECT_EQ(port, b);
        ledger.transmitted += sent.size();
    });
    EXPECT_EQ(ledger.dropped_for(DropReason::no_buffer), 1u);
    EXPECT_EQ(bridge.drops(probe), 1u);
    EXPECT_EQ(ledger.expected_held(), 0);
}

using LinkLocal = FeatureLab;

TEST_F(LinkLocal, OnlyWhatIsAskedForIsForwarded) {
    const PortId a = add_port(), b = add_port();
    bridge_.forward_link_local(1u << 14 | 1u << 3);
    for (unsigned last = 0; last < 16; ++last) {
        const auto sent = egress_of(a, frame(kAlice, MacAddress::from_number(0x0180'c200'0000 + last)));
        if (last == 14 || last == 3)
            EXPECT_THAT(sent, ElementsAre(b)) << last;
        else
            EXPECT_THAT(sent, IsEmpty()) << last;
    }
    EXPECT_EQ(dropped(DropReason::link_local_control), 14u);
}

}  // namespace
}  // namespace hairpin::l2
