#include "net/flight_recorder.h"

#include <gtest/gtest.h>

#include <vector>

namespace hairpin {
namespace {

using std::chrono::seconds;

std::vector<std::byte> frame_of(std::size_t size, unsigned first) {
    std::vector<std::byte> frame(size);
    for (std::size_t i = 0; i < size; ++i) frame[i] = static_cast<std::byte>(first + i);
    return frame;
}

TEST(FlightRecorder, RemembersWhenWhereAndHowAPacketBegan) {
    FlightRecorder recorder;
    EXPECT_EQ(recorder.last(DropReason::no_route), nullptr);
    const auto frame = frame_of(1000, 7);
    recorder.begin_burst(Timestamp{seconds{12}});
    recorder.record(DropReason::no_route, {frame, frame.size(), PortId{3}, InterfaceId{1}});

    ASSERT_EQ(recorder.recorded(), 1u);
    const DroppedPacket& packet = recorder.at(1);
    EXPECT_EQ(packet.time, Timestamp{seconds{12}});
    EXPECT_EQ(packet.reason, DropReason::no_route);
    EXPECT_EQ(packet.port, PortId{3});
    EXPECT_EQ(packet.interface, InterfaceId{1});
    EXPECT_EQ(packet.length, 1000u);
    EXPECT_TRUE(std::equal(packet.frame().begin(), packet.frame().end(), frame.begin(), frame.begin() + DroppedPacket::kKept));
    EXPECT_EQ(recorder.last(DropReason::no_route), &packet);
    EXPECT_EQ(recorder.last(DropReason::runt), nullptr);
}

TEST(FlightRecorder, WhatNoPortHasBroughtYetCameInWhereTheBurstDoes) {
    FlightRecorder recorder;
    recorder.begin_burst({}, PortId{5});
    recorder.record(DropReason::runt, {});
    recorder.record(DropReason::no_egress, {.port = PortId{2}});
    recorder.begin_burst({});
    recorder.record(DropReason::fragment_timeout, {});
    EXPECT_EQ(recorder.at(1).port, PortId{5});
    EXPECT_EQ(recorder.at(2).port, PortId{2});
    EXPECT_EQ(recorder.at(3).port, kNoPort);
}

TEST(FlightRecorder, TheNewestPushTheOldestOutButNotTheLastOfAReason) {
    FlightRecorder recorder;
    const auto rare = frame_of(60, 1), common = frame_of(70, 2);
    recorder.record(DropReason::no_route, {frame_of(50, 3), 50});
    recorder.record(DropReason::no_route, {rare, rare.size()});
    for (std::size_t i = 0; i < FlightRecorder::kCapacity; ++i) {
        ASSERT_EQ(recorder.last(DropReason::no_route)->length, rare.size()) << "after " << i;
        recorder.record(DropReason::firewall_denied, {common, common.size()});
    }
    EXPECT_FALSE(recorder.holds(2));
    EXPECT_TRUE(recorder.holds(3));
    EXPECT_TRUE(recorder.holds(recorder.recorded()));
    EXPECT_FALSE(recorder.holds(recorder.recorded() + 1));
    EXPECT_FALSE(recorder.holds(0));
    const DroppedPacket* last = recorder.last(DropReason::no_route);
    ASSERT_NE(last, nullptr);
    EXPECT_TRUE(std::equal(last->frame().begin(), last->frame().end(), rare.begin(), rare.end()));

    recorder.record(DropReason::no_route, {});
    EXPECT_EQ(recorder.last(DropReason::no_route), &recorder.at(recorder.recorded()));
    EXPECT_TRUE(recorder.last(DropReason::no_route)->frame().empty());
}

TEST(FlightRecorder, ForgetsWhoIsGone) {
    FlightRecorder recorder;
    recorder.record(DropReason::no_route, {.port = PortId{1}, .interface = InterfaceId{2}});
    for (std::size_t i = 0; i < FlightRecorder::kCapacity; ++i) recorder.record(DropReason::runt, {.port = PortId{1}});
    recorder.forget(PortId{1});
    recorder.forget(InterfaceId{2});
    EXPECT_EQ(recorder.last(DropReason::no_route)->port, kNoPort);
    EXPECT_EQ(recorder.last(DropReason::no_route)->interface, kNoInterface);
    EXPECT_EQ(recorder.last(DropReason::runt)->port, kNoPort);
}

}  // namespace
}  // namespace hairpin
