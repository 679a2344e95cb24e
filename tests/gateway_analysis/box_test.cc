#include "gateway/analysis/box.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace hairpin::gateway::analysis {
namespace {

// Boxes of numbers from 0 to 5 in three fields, so that every point can be counted.
constexpr std::uint32_t kSide = 6;
constexpr Field kUsed[] = {Field::source, Field::destination, Field::destination_port};

struct Point {
    std::uint32_t at[3];
};
std::vector<Point> every_point() {
    std::vector<Point> points;
    for (std::uint32_t i = 0; i < kSide * kSide * kSide; ++i)
        points.push_back({{i % kSide, i / kSide % kSide, i / kSide / kSide}});
    return points;
}
bool holds(const Box& box, const Point& point) {
    for (std::size_t i = 0; i < 3; ++i)
        if (!box[kUsed[i]].contains(point.at[i])) return false;
    return !box.empty();
}
long count_holding(const std::vector<Box>& boxes, const Point& point) {
    return std::count_if(boxes.begin(), boxes.end(), [&](const Box& box) { return holds(box, point); });
}

Box cube() {
    Box box = Box::everything();
    for (const Field field : kUsed) box[field] = {0, kSide - 1};
    return box;
}
Box any_box() {
    Box box = cube();
    for (const Field field : kUsed) {
        std::vector<Interval> intervals;
        for (int i = *rc::gen::inRange(1, 3); i > 0; --i) {
            const auto first = *rc::gen::inRange<std::uint32_t>(0, kSide);
            intervals.push_back({first, *rc::gen::inRange<std::uint32_t>(first, kSide)});
        }
        box[field] = IntervalSet::of(intervals);
    }
    return box;
}

RC_GTEST_PROP(Box, ADifferenceHoldsEveryPointOfItOnce, ()) {
    const Box box = any_box(), taken = any_box();
    std::vector<Box> left;
    subtract(box, taken, left);
    for (const Point& point : every_point()) RC_ASSERT(count_holding(left, point) == (holds(box, point) && !holds(taken, point)));
}

RC_GTEST_PROP(Box, WhatRemainsOfManyIsWhatNoneOfThemTakes, ()) {
    const Box box = *rc::gen::arbitrary<bool>() ? cube() : any_box();
    std::vector<OwnedBox> takers;
    for (std::size_t i = 0, n = *rc::gen::inRange<std::size_t>(0, 12); i < n; ++i) takers.push_back({any_box(), i});
    std::vector<const OwnedBox*> pointers;
    for (const OwnedBox& taker : takers) pointers.push_back(&taker);

    Effort effort{1'000'000};
    const auto left = difference(box, takers, effort);
    RC_ASSERT(left.has_value());
    bool any = false;
    for (const Point& point : every_point()) {
        const bool free = holds(box, point) && std::none_of(takers.begin(), takers.end(),
                                                            [&](const OwnedBox& taker) { return holds(taker.box, point); });
        any = any || free;
        RC_ASSERT(count_holding(*left, point) == free);
    }
    std::vector<std::size_t> took;
    RC_ASSERT(remains(box, pointers, effort, &took) == (any ? Remains::something : Remains::nothing));
    // Those that are named took everything, without the rest.
    if (any) return;
    std::vector<const OwnedBox*> named;
    for (const OwnedBox& taker : takers)
        if (std::find(took.begin(), took.end(), taker.owner) != took.end()) named.push_back(&taker);
    RC_ASSERT(remains(box, named, effort) == Remains::nothing);
}

TEST(Box, NothingRemainsOfNothing) {
    Box nothing = cube();
    nothing[Field::source] = {};
    Effort effort{10};
    EXPECT_EQ(remains(nothing, {}, effort), Remains::nothing);
    EXPECT_EQ(difference(nothing, std::span<const OwnedBox>{}, effort)->size(), 0U);
}

TEST(Box, WhenTheEffortRunsOutItSaysSo) {
    std::vector<OwnedBox> takers;
    std::vector<const OwnedBox*> pointers;
    for (std::uint32_t i = 0; i < 2000; ++i) {
        Box even = Box::everything();
        even[kUsed[i % 3]] = IntervalSet::single(i * 2);
        takers.push_back({even, i});
    }
    for (const OwnedBox& taker : takers) pointers.push_back(&taker);
    Effort little{100}, little_too{100}, enough{10'000'000};
    EXPECT_EQ(remains(Box::everything(), pointers, little), Remains::unknown);
    EXPECT_EQ(little.left(), 0U);
    EXPECT_FALSE(difference(Box::everything(), takers, little_too).has_value());
    EXPECT_EQ(remains(Box::everything(), pointers, enough), Remains::something);
}

}  // namespace
}  // namespace hairpin::gateway::analysis
