#include "gateway/sessions/flow_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <unordered_map>
#include <vector>

#include "net/hash.h"

namespace hairpin::gateway {
namespace {

constexpr std::size_t kBucketSlots = 10;  // of a bucket

// What a key's hash decides: the bucket by its low bits, the tag by its high ones.
constexpr std::uint64_t hash(std::uint64_t bucket, std::uint64_t tag) { return tag << 48 | bucket; }
constexpr auto kAnything = [](std::uint32_t) { return true; };

// An index and beside it what should be in it.
class Checked {
public:
    explicit Checked(std::size_t flows) : index_(flows) {}

    void insert(std::uint32_t number, std::uint64_t hash) {
        index_.insert(hash, number);
        model_.emplace(number, hash);
    }
    void erase(std::uint32_t number) {
        index_.erase(model_.at(number), number);
        model_.erase(number);
    }
    bool agrees_on(std::uint32_t number, std::uint64_t hash) const {
        const auto found = index_.find(hash, [&](std::uint32_t candidate) { return candidate == number; });
        return model_.contains(number) ? found == number : !found.has_value();
    }
    const std::unordered_map<std::uint32_t, std::uint64_t>& model() const { return model_; }
    const FlowIndex& index() const { return index_; }

private:
    FlowIndex index_;
    std::unordered_map<std::uint32_t, std::uint64_t> model_;
};

TEST(FlowIndex, AnEmptyOneFindsNothing) {
    const FlowIndex index{100};
    for (std::uint64_t tag = 0; tag < 4; ++tag)
        for (std::uint64_t bucket = 0; bucket < 64; ++bucket) EXPECT_FALSE(index.find(hash(bucket, tag), kAnything));
}

TEST(FlowIndex, OneForNoFlowsIsStillAnIndex) {
    FlowIndex index{0};
    EXPECT_FALSE(index.find(7, kAnything));
    index.insert(7, 1);
    EXPECT_EQ(index.find(7, kAnything), 1u);
}

TEST(FlowIndex, FlowsWithOneHashAreToldApartByTheCaller) {
    FlowIndex index{100};
    for (std::uint32_t number = 0; number < 5; ++number) index.insert(hash(3, 9), number);
    for (std::uint32_t number = 0; number < 5; ++number)
        EXPECT_EQ(index.find(hash(3, 9), [&](std::uint32_t candidate) { return candidate == number; }), number);
    EXPECT_FALSE(index.find(hash(3, 9), [](std::uint32_t) { return false; }));
}

TEST(FlowIndex, OnlyWhereTheTagAgreesTheCallerIsAsked) {
    FlowIndex index{100};
    for (std::uint32_t number = 0; number < 8; ++number) index.insert(hash(3, 100 + number), number);
    std::vector<std::uint32_t> asked;
    EXPECT_EQ(index.find(hash(3, 104), [&](std::uint32_t number) { return asked.push_back(number), true; }), 4u);
    EXPECT_EQ(asked, std::vector<std::uint32_t>{4});
}

// Tag 0 marks a free slot, so a hash that begins with 16 zero bits takes tag 1: found, and told apart from nothing.
TEST(FlowIndex, AHashThatBeginsWithZerosIsNoFreeSlot) {
    FlowIndex index{100};
    EXPECT_FALSE(index.find(hash(5, 0), kAnything)) << "a free slot must not be found";
    index.insert(hash(5, 0), 42);
    EXPECT_EQ(index.find(hash(5, 0), kAnything), 42u);
    index.erase(hash(5, 0), 42);
    EXPECT_FALSE(index.find(hash(5, 0), kAnything));
    EXPECT_FALSE(index.find(hash(5, 1), kAnything));
}

TEST(FlowIndex, NumberZeroIsANumberLikeAnyOther) {
    FlowIndex index{100};
    index.insert(hash(5, 7), 0);
    index.insert(hash(5, 8), 1);
    index.erase(hash(5, 8), 1);
    EXPECT_EQ(index.find(hash(5, 7), kAnything), 0u);
    index.erase(hash(5, 7), 0);
    EXPECT_FALSE(index.find(hash(5, 7), kAnything));
}

TEST(FlowIndex, AFullBucketSpillsIntoTheNextAndRoundTheEnd) {
    FlowIndex index{40};  // 8 buckets
    constexpr std::uint64_t kLast = 7;
    for (std::uint32_t number = 0; number < 25; ++number) index.insert(hash(kLast, 1 + number), number);
    for (std::uint32_t number = 0; number < 25; ++number) EXPECT_EQ(index.find(hash(kLast, 1 + number), kAnything), number);
    // The home bucket empties; those that had to move on are still found.
    for (std::uint32_t number = 0; number < kBucketSlots; ++number) index.erase(hash(kLast, 1 + number), number);
    for (std::uint32_t number = 0; number < kBucketSlots; ++number) EXPECT_FALSE(index.find(hash(kLast, 1 + number), kAnything));
    for (std::uint32_t number = kBucketSlots; number < 25; ++number)
        EXPECT_EQ(index.find(hash(kLast, 1 + number), kAnything), number);
}

// What a removal leaves behind would make every later search longer. With the last displaced entry gone, a search ends at home.
TEST(FlowIndex, ARemovalLeavesNoTombstone) {
    FlowIndex index{40};
    for (int round = 0; round < 3; ++round) {
        for (std::uint32_t number = 0; number < 15; ++number) index.insert(hash(0, 1), number);
        for (std::uint32_t number = 15; number-- > 0;) index.erase(hash(0, 1), number);
        index.insert(hash(1, 1), 99);  // where the displaced ones were
        unsigned asked = 0;
        EXPECT_FALSE(index.find(hash(0, 1), [&](std::uint32_t) { return ++asked, false; }));
        EXPECT_EQ(asked, 0u) << "the search went on into the next bucket, round " << round;
        index.erase(hash(1, 1), 99);
    }
}

TEST(FlowIndex, HoldsAsManyFlowsAsItWasMadeForHoweverTheyHash) {
    for (const std::size_t flows : {1u, 7u, 8u, 15u, 60u, 1000u}) {
        Checked all_alike{flows}, spread{flows};
        for (std::uint32_t number = 0; number < flows; ++number) {
            all_alike.insert(number, hash(0, 1));
            spread.insert(number, keyed_hash(number, HashKey{}));
        }
        for (std::uint32_t number = 0; number < flows; ++number) {
            ASSERT_TRUE(all_alike.agrees_on(number, hash(0, 1))) << number << " of " << flows;
            ASSERT_TRUE(spread.agrees_on(number, keyed_hash(number, HashKey{}))) << number << " of " << flows;
        }
        // An unknown flow is not found, and the search for it ends.
        EXPECT_TRUE(all_alike.agrees_on(static_cast<std::uint32_t>(flows), hash(0, 1)));
    }
}

// With every slot taken, nothing says where to stop but that the search has come round.
TEST(FlowIndex, ASearchInACompletelyFullIndexComesRoundOnce) {
    FlowIndex index{22};  // 4 buckets, 40 slots
    for (std::uint32_t number = 0; number < 40; ++number) index.insert(hash(number % 4, 7), number);
    index.erase(hash(0, 7), 0);
    index.insert(hash(3, 7), 50);  // from the last bucket to the only free slot, in the first
    unsigned asked = 0;
    EXPECT_FALSE(index.find(hash(3, 7), [&](std::uint32_t) { return ++asked, false; }));
    EXPECT_EQ(asked, 20u) << "its home and the bucket where it was displaced to, each once";
    EXPECT_EQ(index.find(hash(3, 7), [](std::uint32_t number) { return number == 50; }), 50u);
}

// The last table that a session needs: whatever is put in and taken out in whatever order, the index holds exactly the rest.
RC_GTEST_PROP(FlowIndex, HoldsWhatAMapHolds, ()) {
    const auto flows = *rc::gen::inRange<std::size_t>(1, 120);
    const auto buckets = *rc::gen::element<std::uint64_t>(1, 3, 16, ~std::uint64_t{0} >> 16);  // few: they collide
    const auto tags = *rc::gen::element<std::uint64_t>(1, 3, 0x1'0000);
    const auto hash_of = [&](std::uint32_t number) {
        const std::uint64_t mixed = keyed_hash(number, HashKey{});
        return hash(mixed % buckets, (mixed >> 40) % tags);
    };
    Checked index{flows};
    std::vector<std::uint32_t> live;
    std::uint32_t next = 0;
    for (const bool insert :
         *rc::gen::container<std::vector<bool>>(400, rc::gen::weightedElement<bool>({{3, true}, {2, false}}))) {
        if (insert && live.size() < flows) {
            live.push_back(next++);
            index.insert(live.back(), hash_of(live.back()));
        } else if (!live.empty()) {
            const auto victim = *rc::gen::inRange<std::size_t>(0, live.size());
            index.erase(live[victim]);
            live[victim] = live.back();
            live.pop_back();
        }
    }
    for (std::uint32_t number = 0; number < next + 10; ++number) RC_ASSERT(index.agrees_on(number, hash_of(number)));
    while (!live.empty()) index.erase(live.back()), live.pop_back();
    for (std::uint32_t number = 0; number < next; ++number) {
        RC_ASSERT(index.agrees_on(number, hash_of(number)));
        RC_ASSERT(!index.index().find(hash_of(number), kAnything));
    }
}

}  // namespace
}  // namespace hairpin::gateway
