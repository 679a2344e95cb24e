#include "gateway/nat/address_set.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace hairpin::gateway {
namespace {

AddressRange range(std::uint32_t first, std::uint32_t last) { return {Ipv4Address{first}, Ipv4Address{last}}; }

TEST(AddressSet, OfNothing) {
    EXPECT_TRUE(AddressSet{}.empty());
    EXPECT_EQ(AddressSet{}, AddressSet::of({}));
    EXPECT_TRUE(AddressSet{}.ranges().empty());
    EXPECT_FALSE(AddressSet{}.contains(Ipv4Address{}));
}

TEST(AddressSet, OfEverything) {
    const AddressSet all{Ipv4Address{}, Ipv4Address::broadcast()};
    EXPECT_EQ(all.size(), std::uint64_t{1} << 32);
    EXPECT_EQ(all[all.size() - 1], Ipv4Address::broadcast());
    EXPECT_TRUE(all.contains(Ipv4Address::broadcast()));
}

TEST(AddressSet, OneRangeIsTheSameHoweverItWasMade) {
    EXPECT_EQ(AddressSet::of({range(5, 9)}), AddressSet(range(5, 9)));
    EXPECT_FALSE(AddressSet(range(5, 9)) == AddressSet::of({range(5, 6), range(8, 9)}));
}

// Against the list of all its members.
RC_GTEST_PROP(AddressSet, CountsItsMembersUpwards, ()) {
    std::vector<AddressRange> ranges;
    std::vector<std::uint32_t> members;
    const bool at_the_end = *rc::gen::arbitrary<bool>();
    std::uint32_t next = at_the_end ? 0xffff'ff00 : *rc::gen::inRange(0U, 5U);
    for (unsigned i = *rc::gen::inRange(0U, 8U); i > 0; --i) {
        const std::uint32_t first = next + *rc::gen::inRange(0U, 4U), last = first + *rc::gen::inRange(0U, 5U);
        ranges.push_back(range(first, last));
        for (std::uint32_t member = first; member <= last; ++member) members.push_back(member);
        next = last + 2;
    }
    const AddressSet set = AddressSet::of(ranges);
    RC_ASSERT(set.size() == members.size());
    RC_ASSERT(std::equal(set.ranges().begin(), set.ranges().end(), ranges.begin(), ranges.end()));
    for (std::size_t nth = 0; nth < members.size(); ++nth) RC_ASSERT(set[nth].number() == members[nth]);
    for (std::uint32_t number = at_the_end ? 0xffff'fef0 : 0, left = 100; left > 0; ++number, --left) {
        const bool is_member = std::find(members.begin(), members.end(), number) != members.end();
        RC_ASSERT(set.contains(Ipv4Address{number}) == is_member);
    }
}

}  // namespace
}  // namespace hairpin::gateway
