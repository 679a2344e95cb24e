// The ring gives back what was put in, in that order, and refuses what does not fit.

#include "runtime/capture/capture_ring.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <deque>
#include <vector>

#include "runtime/capture/packet_numbers.h"
#include "runtime/capture/recent_drops.h"

namespace hairpin::runtime {
namespace {

Sighting numbered(std::uint64_t number, std::size_t kept) {
    Sighting sighting;
    sighting.packet = number;
    sighting.kept = static_cast<std::uint32_t>(kept);
    return sighting;
}

RC_GTEST_PROP(CaptureRing, IsAQueue, ()) {
    CaptureRing ring{4096};
    std::deque<std::pair<std::uint64_t, std::vector<std::byte>>> model;
    std::uint64_t number = 0;
    const auto steps = *rc::gen::container<std::vector<std::pair<bool, std::uint16_t>>>(
        rc::gen::pair(rc::gen::weightedElement<bool>({{3, true}, {2, false}}), rc::gen::inRange<std::uint16_t>(0, 1500)));
    for (const auto& [put, size] : steps) {
        if (put) {
            const std::vector<std::byte> bytes(size, static_cast<std::byte>(++number));
            const bool was_empty = ring.empty();
            const bool fitted = ring.put(numbered(number, size), bytes);
            if (was_empty) RC_ASSERT(fitted);
            if (fitted) model.emplace_back(number, bytes);
        } else if (!model.empty()) {
            const auto record = ring.front();
            RC_ASSERT(record.sighting.packet == model.front().first);
            RC_ASSERT(std::vector<std::byte>(record.bytes.begin(), record.bytes.end()) == model.front().second);
            ring.pop();
            model.pop_front();
        }
        RC_ASSERT(ring.empty() == model.empty());
        RC_ASSERT(ring.used() <= ring.capacity());
    }
}

TEST(CaptureRing, RefusesWhatDoesNotFitUntilThereIsRoom) {
    CaptureRing ring{4096};
    const std::vector<std::byte> bytes(1500);
    ASSERT_TRUE(ring.put(numbered(1, bytes.size()), bytes));
    ASSERT_TRUE(ring.put(numbered(2, bytes.size()), bytes));
    EXPECT_FALSE(ring.put(numbered(3, bytes.size()), bytes));
    ring.pop();
    EXPECT_TRUE(ring.put(numbered(4, bytes.size()), bytes)) << "at the beginning of the memory again";
    EXPECT_FALSE(ring.put(numbered(5, bytes.size()), bytes));
    EXPECT_EQ(ring.front().sighting.packet, 2U);
    ring.pop();
    EXPECT_EQ(ring.front().sighting.packet, 4U);
    ring.pop();
    EXPECT_TRUE(ring.empty());
}

TEST(PacketNumbers, GoOnBeyondTheThirtyTwoBitsOfAMark) {
    PacketNumbers numbers{0xffff'fffeU};
    const auto before = numbers.fresh();
    const auto after = numbers.fresh();
    EXPECT_EQ(before, 0xffff'ffffU);
    EXPECT_EQ(after, 0x1'0000'0001U) << "a mark of zero is none";
    EXPECT_EQ(numbers.of(static_cast<std::uint32_t>(before)), before) << "one that has waited";
    EXPECT_EQ(numbers.of(static_cast<std::uint32_t>(after)), after);
}

TEST(RecentDrops, KnowTheLastOnes) {
    RecentDrops drops;
    EXPECT_FALSE(drops.find(0).has_value());
    drops.note(5, DropReason::no_route);
    drops.note(6, DropReason::runt);
    EXPECT_EQ(drops.find(5), DropReason::no_route);
    drops.note(5 + RecentDrops::kMost, DropReason::too_big);
    EXPECT_FALSE(drops.find(5).has_value()) << "another has its place";
    EXPECT_EQ(drops.find(6), DropReason::runt);
}

}  // namespace
}  // namespace hairpin::runtime
