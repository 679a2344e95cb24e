#include "gateway/analysis/interval_set.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bitset>

namespace hairpin::gateway::analysis {
namespace {

constexpr std::uint32_t kLargestNumber = ~std::uint32_t{0};
constexpr std::size_t kSmall = 40;

IntervalSet set_of(std::initializer_list<Interval> intervals) { return IntervalSet::of(intervals); }

// ---- At the edges -------------------------------------------------------------------------------------------------------------

TEST(IntervalSet, NothingIsEmptyAndWithinEverything) {
    const IntervalSet nothing, all{0, kLargestNumber};
    EXPECT_TRUE(nothing.empty());
    EXPECT_TRUE(nothing.within(all));
    EXPECT_TRUE(nothing.within(nothing));
    EXPECT_FALSE(nothing.overlaps(all));
    EXPECT_FALSE(all.within(nothing));
    EXPECT_EQ(all.without(all), nothing);
    EXPECT_EQ(all.without(nothing), all);
}

TEST(IntervalSet, NeighboursBecomeOne) {
    EXPECT_EQ(set_of({{5, 9}, {0, 4}}), IntervalSet(0, 9));
    EXPECT_EQ(set_of({{0, kLargestNumber}, {7, 9}}), IntervalSet(0, kLargestNumber));
    EXPECT_EQ(set_of({{kLargestNumber, kLargestNumber}, {0, kLargestNumber - 1}}), IntervalSet(0, kLargestNumber));
    EXPECT_EQ(set_of({{9, 5}}), IntervalSet());
}

TEST(IntervalSet, HolesAtBothEndsOfTheNumbers) {
    const IntervalSet all{0, kLargestNumber};
    EXPECT_EQ(all.without(IntervalSet::single(0)), IntervalSet(1, kLargestNumber));
    EXPECT_EQ(all.without(IntervalSet::single(kLargestNumber)), IntervalSet(0, kLargestNumber - 1));
    EXPECT_EQ(all.without(set_of({{0, 9}, {20, kLargestNumber}})), IntervalSet(10, 19));
}

TEST(IntervalSet, WhatIsMovedOutIsLost) {
    EXPECT_EQ(IntervalSet(5, 20).moved(-10), IntervalSet(0, 10));
    EXPECT_EQ(IntervalSet(5, 9).moved(-10), IntervalSet());
    EXPECT_EQ(IntervalSet(kLargestNumber - 3, kLargestNumber).moved(2), IntervalSet(kLargestNumber - 1, kLargestNumber));
}

// ---- Against a set of forty numbers -----------------------------------------------------------------------------------------

using Model = std::bitset<kSmall>;
using Pairs = std::vector<std::pair<int, int>>;

IntervalSet from(const Pairs& pairs) {
    std::vector<Interval> intervals;
    for (const auto& [first, length] : pairs)
        intervals.push_back(
            {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(std::min(first + length, int{kSmall} - 1))});
    return IntervalSet::of(intervals);
}
Model model(const Pairs& pairs) {
    Model bits;
    for (const auto& [first, length] : pairs)
        for (int i = first; i <= std::min(first + length, int{kSmall} - 1); ++i) bits.set(static_cast<std::size_t>(i));
    return bits;
}
Model bits_of(const IntervalSet& set) {
    Model bits;
    for (std::uint32_t i = 0; i < kSmall; ++i) bits.set(i, set.contains(i));
    return bits;
}
bool well_formed(const IntervalSet& set) {
    const auto all = set.intervals();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].last < all[i].first || (i > 0 && all[i].first <= all[i - 1].last + 1)) return false;
    return all.empty() || (set.smallest() == all.front().first && set.largest() == all.back().last);
}

RC_GTEST_PROP(IntervalSet, BehavesAsASetOfNumbers, ()) {
    const auto pairs = rc::gen::container<Pairs>(rc::gen::pair(rc::gen::inRange(0, int{kSmall}), rc::gen::inRange(0, 8)));
    const Pairs one = *pairs, other = *pairs;
    const IntervalSet a = from(one), b = from(other);
    const Model x = model(one), y = model(other);
    RC_ASSERT(bits_of(a) == x);
    RC_ASSERT(bits_of(a.intersected(b)) == (x & y));
    RC_ASSERT(bits_of(a.united(b)) == (x | y));
    RC_ASSERT(bits_of(a.without(b)) == (x & ~y));
    RC_ASSERT(a.overlaps(b) == (x & y).any());
    RC_ASSERT(a.within(b) == (x & ~y).none());
    RC_ASSERT((a == b) == (x == y));
    RC_ASSERT(a.empty() == x.none());
    for (const IntervalSet& set : {a, a.intersected(b), a.united(b), a.without(b), a.moved(3)}) RC_ASSERT(well_formed(set));
    const Model moved = x << 3;
    RC_ASSERT(bits_of(a.moved(3)) == moved);
}

}  // namespace
}  // namespace hairpin::gateway::analysis
