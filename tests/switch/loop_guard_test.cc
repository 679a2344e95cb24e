// Loops that are found by our own frames, ports that are shut and open again, and stations that flap.
#include "switch/loop_guard.h"

#include <gmock/gmock.h>

#include <chrono>

#include "feature_lab.h"

namespace hairpin::l2 {
namespace {

using namespace std::chrono_literals;
using testing::arp_request;
using testing::Bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LoopGuardTest : public FeatureLab {
protected:
    LoopGuardTest() {
        bridge_.set_loop_guard({.interval = 1s, .recovery = 60s});
        for (const PortId port : {a_, b_}) bridge_.set_features(port, {.loop_guard = true});
    }
    Sent tick() {
        bridge_.tick(now_, out_);
        return collect();
    }
    Bytes own_frame(PortId port) {
        const Sent sent = tick();
        const auto found = sent.find(port);
        return found == sent.end() ? Bytes{} : found->second;
    }
    using FeatureLab::forward;
    Sent forward(PortId ingress, const Bytes& bytes) { return FeatureLab::forward(ingress, pool_.make(bytes)); }
    std::vector<SwitchEvent> events() {
        std::vector<SwitchEvent> events;
        bridge_.events().take([&](const SwitchEvent& event) { events.push_back(event); });
        return events;
    }
    bool is_shut(PortId port) const { return bridge_.loop_guard().ports().at(port).shut; }

    PortId a_ = add_port(), b_ = add_port(), c_ = add_port();
};

TEST_F(LoopGuardTest, EachGuardedPortSendsAFrameASecond) {
    const Sent sent = tick();
    EXPECT_THAT(ports_of(sent), ElementsAre(a_, b_));
    EXPECT_EQ(ledger_.originated, 2u);
    const Bytes& bytes = sent.begin()->second;
    ASSERT_EQ(bytes.size(), 60u);
    EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 6),
              (Bytes{std::byte{3}, std::byte{0x48}, std::byte{0x50}, std::byte{0x4c}, std::byte{0x47}, std::byte{0}}));
    EXPECT_EQ(
        Bytes(bytes.begin() + 12, bytes.begin() + 19),
        (Bytes{std::byte{0x88}, std::byte{0xb5}, std::byte{'H'}, std::byte{'P'}, std::byte{'L'}, std::byte{'G'}, std::byte{1}}));
    EXPECT_THAT(tick(), IsEmpty());
    now_ += 999ms;
    EXPECT_THAT(tick(), IsEmpty());
    now_ += 1ms;
    EXPECT_THAT(ports_of(tick()), ElementsAre(a_, b_));
}

TEST_F(LoopGuardTest, APortThatHearsItsOwnFrameIsShut) {
    const Bytes own = own_frame(a_);
    EXPECT_THAT(forward(a_, own), IsEmpty());
    EXPECT_EQ(ledger_.absorbed, 1u);
    EXPECT_TRUE(is_shut(a_));
    EXPECT_FALSE(is_shut(b_));
    const auto told = events();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].kind, SwitchEvent::Kind::loop_found);
    EXPECT_EQ(told[0].port, a_);
    EXPECT_THAT(egress_of(a_, arp_request().from_mac(kAlice)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::loop_guard), 1u);
    EXPECT_THAT(egress_of(c_, arp_request().from_mac(kCarol)), ElementsAre(b_)) << "nothing goes out there either";
}

TEST_F(LoopGuardTest, OfTwoTheLaterIsShut) {
    EXPECT_THAT(forward(b_, own_frame(a_)), IsEmpty());
    EXPECT_TRUE(is_shut(b_));
    EXPECT_FALSE(is_shut(a_));
    now_ += 1s;
    EXPECT_THAT(forward(a_, own_frame(a_)), IsEmpty());
    EXPECT_TRUE(is_shut(a_)) << "another loop, of its own";
}

TEST_F(LoopGuardTest, OfTheTwoFramesOfOneLoopOnlyTheFirstShuts) {
    const Sent sent = tick();
    forward(b_, sent.find(a_)->second);
    forward(a_, sent.find(b_)->second);
    EXPECT_TRUE(is_shut(b_));
    EXPECT_FALSE(is_shut(a_));
    EXPECT_EQ(events().size(), 1u);
}

TEST_F(LoopGuardTest, HeardWhereNobodyGuardsTheSenderIsShut) {
    forward(c_, own_frame(b_));
    EXPECT_TRUE(is_shut(b_));
    EXPECT_EQ(events().at(0).other, c_);
}

TEST_F(LoopGuardTest, WhatArrivedWithItGoesNowhere) {
    Batch batch;
    batch.push_back(arp_request().from_mac(kAlice).in(pool_));
    batch.push_back(pool_.make(own_frame(a_)));
    ledger_.received += 2;
    bridge_.forward(a_, batch, now_, out_);
    EXPECT_THAT(collect(), IsEmpty());
    EXPECT_EQ(dropped(DropReason::loop_guard), 1u);
}

TEST_F(LoopGuardTest, OpensAgainAfterItsTimeAndLooksAtOnce) {
    const Bytes own = own_frame(a_);
    forward(a_, own);
    events();
    now_ += 59s;
    EXPECT_THAT(ports_of(tick()), ElementsAre(b_));
    now_ += 1s;
    EXPECT_THAT(ports_of(tick()), ElementsAre(a_, b_));
    EXPECT_FALSE(is_shut(a_));
    EXPECT_EQ(events().at(0).kind, SwitchEvent::Kind::loop_over);
    EXPECT_THAT(egress_of(a_, arp_request().from_mac(kAlice)), UnorderedElementsAre(b_, c_));
    forward(a_, own);
    EXPECT_TRUE(is_shut(a_)) << "the loop is still there";
    EXPECT_EQ(bridge_.loop_guard().ports().at(a_).loops, 2u);
}

TEST_F(LoopGuardTest, SomebodyMayOpenItBefore) {
    forward(a_, own_frame(a_));
    EXPECT_TRUE(bridge_.open_again(a_));
    EXPECT_FALSE(bridge_.open_again(a_));
    EXPECT_FALSE(bridge_.open_again(c_));
    EXPECT_THAT(egress_of(a_, arp_request().from_mac(kAlice)), UnorderedElementsAre(b_, c_));
}

TEST_F(LoopGuardTest, APortThatIsGuardedNoMoreIsOpen) {
    forward(a_, own_frame(a_));
    bridge_.set_features(a_, {});
    EXPECT_THAT(egress_of(a_, arp_request().from_mac(kAlice)), UnorderedElementsAre(b_, c_));
}

TEST_F(LoopGuardTest, AMirrorsPortStaysOneWhenItsTimeIsOver) {
    forward(b_, own_frame(b_));
    bridge_.set_mirrors({{.name = "m", .sources = {{a_, true, true}}, .to = b_}});
    now_ += 61s;
    tick();
    EXPECT_THAT(egress_of(c_, frame(kCarol, kAlice)), UnorderedElementsAre(a_, b_)) << "a copy of what went out by a";
    EXPECT_THAT(egress_of(b_, arp_request().from_mac(kBob)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::mirror_port), 1u);
}

TEST_F(LoopGuardTest, FramesOfOthersAreForwarded) {
    PacketPool pool{{.small = 4, .large = 0}};
    Ledger ledger;
    Outbox<PortId> out;
    Bridge other{{}, HashKey{1, 2}, pool, ledger};
    const PortId port = other.add_port(other.add_segment("lan"), {}, 1500);
    other.set_features(port, {.loop_guard = true});
    other.tick(now_, out);
    Bytes theirs;
    out.drain([&](PortId, Batch& batch) { theirs = testing::bytes_of(*batch.at(0)); });
    ASSERT_FALSE(theirs.empty());
    EXPECT_THAT(ports_of(forward(a_, theirs)), UnorderedElementsAre(b_, c_));
    EXPECT_FALSE(is_shut(a_));
    for (const std::size_t size : {14u, 20u, 35u}) {
        forward(a_, Bytes{theirs.begin(), theirs.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_FALSE(is_shut(a_));
    }
}

TEST_F(LoopGuardTest, OnATrunkItHasATagAndIsKnownWithIt) {
    const PortId trunk_port = add_port(trunk({20, 10}));
    bridge_.set_features(trunk_port, {.loop_guard = true});
    const Bytes own = own_frame(trunk_port);
    ASSERT_EQ(own.size(), 64u);
    EXPECT_EQ(own[12], std::byte{0x81});
    EXPECT_EQ(own[15], std::byte{10});
    forward(trunk_port, own);
    EXPECT_TRUE(is_shut(trunk_port));
}

TEST_F(LoopGuardTest, AStationThatFlapsIsToldOnceAMinute) {
    for (int i = 0; i < 12; ++i) {
        forward(i % 2 == 0 ? b_ : c_, frame(kBob, kAlice));
        now_ += 500ms;
        tick();
    }
    const auto told = events();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].kind, SwitchEvent::Kind::station_flaps);
    EXPECT_EQ(told[0].station, kBob);
    EXPECT_EQ(told[0].count, Flapping::kMoves);
    EXPECT_THAT((std::vector{told[0].port, told[0].other}), UnorderedElementsAre(b_, c_));
}

TEST_F(LoopGuardTest, AStationThatMovesNowAndThenIsNotTold) {
    for (int i = 0; i < 20; ++i) {
        forward(i % 2 == 0 ? b_ : c_, frame(kBob, kAlice));
        now_ += 3s;
        tick();
    }
    EXPECT_THAT(events(), IsEmpty());
}

}  // namespace
}  // namespace hairpin::l2
