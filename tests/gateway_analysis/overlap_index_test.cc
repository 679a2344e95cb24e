#include "gateway/analysis/overlap_index.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace hairpin::gateway::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint32_t kLargest = ~std::uint32_t{0};

std::vector<std::size_t> found(const OverlapIndex& index, std::vector<IntervalSet> wanted, std::size_t end = 1000) {
    std::vector<std::size_t> numbers;
    index.find(wanted, end, numbers);
    return numbers;
}

TEST(OverlapIndex, FindsWhatOverlapsInEveryDimension) {
    OverlapIndex index{2};
    index.add(std::vector<IntervalSet>{{0, 20}, {0, kLargest}});
    index.add(std::vector<IntervalSet>{{10, 50}, {7, 7}});
    index.add_nothing();
    index.add(std::vector<IntervalSet>{{}, {7, 7}});
    index.add(std::vector<IntervalSet>{{50, kLargest}, {7, 8}});
    EXPECT_THAT(found(index, {{20, 20}, {0, 9}}), ElementsAre(0, 1));
    EXPECT_THAT(found(index, {{21, 50}, {0, 9}}), ElementsAre(1, 4));
    EXPECT_THAT(found(index, {{0, kLargest}, {8, 8}}), ElementsAre(0, 4));
    EXPECT_THAT(found(index, {{0, kLargest}, {0, kLargest}}, 4), ElementsAre(0, 1));
    EXPECT_THAT(found(index, {{}, {0, kLargest}}), IsEmpty());
    EXPECT_THAT(found(OverlapIndex{1}, {{0, kLargest}}), IsEmpty());
}

// So many that every part of the index is used. Without gaps the answer is exact.
RC_GTEST_PROP(OverlapIndex, FindsWhatALookAtEachFinds, ()) {
    const std::size_t things = *rc::gen::element<std::size_t>(1, 5, 64, 65, 500, 6000);
    const std::uint32_t range = *rc::gen::element<std::uint32_t>(3, 1000, 1'000'000'000);
    std::mt19937 random{*rc::gen::arbitrary<std::uint32_t>()};
    const auto any_set = [&] {
        const auto first = static_cast<std::uint32_t>(random() % range);
        const std::uint32_t last = random() % 5 == 0 ? kLargest : first + static_cast<std::uint32_t>(random()) % (range / 2 + 1);
        return random() % 50 == 0 ? IntervalSet{} : IntervalSet{random() % 10 == 0 ? 0 : first, last};
    };
    const bool with_gaps = *rc::gen::arbitrary<bool>();
    OverlapIndex index{2};
    std::vector<std::vector<IntervalSet>> shapes;
    for (std::size_t i = 0; i < things; ++i) {
        shapes.push_back({with_gaps ? any_set().without(any_set()).united(any_set()) : any_set(), any_set()});
        index.add(shapes.back());
    }
    for (int i = 0; i < 20; ++i) {
        const std::vector<IntervalSet> wanted{random() % 4 == 0 ? any_set().united(any_set()) : any_set(), any_set()};
        const std::size_t end = random() % (things + 10);
        std::vector<std::size_t> expected;
        for (std::size_t thing = 0; thing < std::min(end, things); ++thing)
            if (shapes[thing][0].overlaps(wanted[0]) && shapes[thing][1].overlaps(wanted[1])) expected.push_back(thing);
        const auto numbers = found(index, wanted, end);
        RC_ASSERT(std::includes(numbers.begin(), numbers.end(), expected.begin(), expected.end()));
        if (!with_gaps) RC_ASSERT(numbers == expected);
    }
}

TEST(OverlapIndex, KnowsOfGaps) {
    OverlapIndex index{1};
    index.add(std::vector<IntervalSet>{IntervalSet::of({{0, 9}, {20, 29}, {40, kLargest}})});
    index.add(std::vector<IntervalSet>{IntervalSet::of({{5, 5}, {15, 15}})});
    EXPECT_THAT(found(index, {{5, 5}}), ElementsAre(0, 1));
    EXPECT_THAT(found(index, {{10, 14}}), IsEmpty());
    EXPECT_THAT(found(index, {{10, 15}}), ElementsAre(1));
    EXPECT_THAT(found(index, {{10, 19}}), ElementsAre(1));
    EXPECT_THAT(found(index, {{14, 20}}), ElementsAre(0, 1));
    EXPECT_THAT(found(index, {{30, 39}}), IsEmpty());
    EXPECT_THAT(found(index, {{39, 40}}), ElementsAre(0));
    EXPECT_THAT(found(index, {{16, 16}}), IsEmpty());
    EXPECT_THAT(found(index, {{16, 35}}), ElementsAre(0));
}

// A set of very many intervals is searched for as a whole: more is found, and never less.
TEST(OverlapIndex, LeavesNothingOutForASetOfManyParts) {
    std::vector<Interval> parts;
    for (std::uint32_t i = 0; i < 50; ++i) parts.push_back({10 * i, 10 * i + 1});
    OverlapIndex index{1};
    for (std::uint32_t i = 0; i < 1000; ++i) index.add(std::vector<IntervalSet>{{i, i}});
    const auto numbers = found(index, {IntervalSet::of(parts)});
    for (const Interval& part : parts) EXPECT_TRUE(std::binary_search(numbers.begin(), numbers.end(), part.first));
    EXPECT_EQ(numbers.size(), 492U);
}

}  // namespace
}  // namespace hairpin::gateway::analysis
