#include "net/numbers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "net/big_endian.h"
#include "net/hash.h"
#include "net/random.h"

namespace hairpin {
namespace {

RC_GTEST_PROP(BigEndian, KeepsItsValueAndItsByteOrder, (std::uint16_t small, std::uint32_t large)) {
    RC_ASSERT(Be16{small}.value() == small);
    RC_ASSERT(Be32{large}.value() == large);
    const auto bytes = std::bit_cast<std::array<std::uint8_t, 4>>(Be32{large});
    RC_ASSERT((std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3]) == large);
    const auto two = std::bit_cast<std::array<std::uint8_t, 2>>(Be16{small});
    RC_ASSERT((two[0] << 8 | two[1]) == small);
}

TEST(ParseNumber, TakesDigitsAndNothingElse) {
    EXPECT_EQ(parse_number("0", 10), 0u);
    EXPECT_EQ(parse_number("10", 10), 10u);
    EXPECT_EQ(parse_number("18446744073709551615", UINT64_MAX), UINT64_MAX);
    for (const char* text : {"", "11", "-1", "+1", " 1", "1 ", "1x", "0x1", "1.0", "18446744073709551616"})
        EXPECT_FALSE(parse_number(text, 10)) << text;
}

TEST(IpProtocol, HasANameOrANumber) {
    EXPECT_EQ(parse_ip_protocol("tcp"), IpProtocol::tcp);
    EXPECT_EQ(parse_ip_protocol("17"), IpProtocol::udp);
    EXPECT_EQ(to_string(IpProtocol::icmp), "icmp");
    EXPECT_EQ(to_string(static_cast<IpProtocol>(89)), "89");
    for (int number = 0; number < 256; ++number) {
        const auto protocol = static_cast<IpProtocol>(number);
        EXPECT_EQ(parse_ip_protocol(to_string(protocol)), protocol) << number;
    }
    for (const char* text : {"", "TCP", "256", "-1", "tcpx"}) EXPECT_FALSE(parse_ip_protocol(text)) << text;
}

TEST(VlanId, GoesFrom1To4094) {
    EXPECT_FALSE(VlanId::valid(0));
    EXPECT_TRUE(VlanId::valid(1));
    EXPECT_TRUE(VlanId::valid(4094));
    EXPECT_FALSE(VlanId::valid(4095));
    EXPECT_FALSE(VlanId::none().tagged());
}

TEST(Random, StaysBelowItsBoundAndReachesAllOfIt) {
    Random random{HashKey{}};
    std::array<unsigned, 10> seen{};
    for (int i = 0; i < 10'000; ++i) {
        const auto value = random.below(10);
        ASSERT_LT(value, 10u);
        ++seen[value];
    }
    for (const unsigned count : seen) EXPECT_NEAR(count, 1000, 200);
    EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, WithoutTheKeyNobodyKnowsWhatComes) {
    Random ours{HashKey{1, 2}}, same{HashKey{1, 2}}, other{HashKey{1, 3}};
    EXPECT_EQ(ours.next(), same.next());
    EXPECT_NE(ours.next(), other.next());
}

}  // namespace
}  // namespace hairpin
