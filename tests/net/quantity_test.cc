#include "net/quantity.h"

#include <gtest/gtest.h>

namespace hairpin {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, Durations) {
    EXPECT_EQ(parse_duration("20ms"), 20ms);
    EXPECT_EQ(parse_duration("500us"), 500us);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("0.000000001s"), 1ns);
    EXPECT_EQ(parse_duration("0"), 0ns);
    EXPECT_EQ(parse_duration("10000s"), 10000s);
    for (const char* wrong :
         {"", "20", "ms", "20 ms", "-1ms", "1.ms", ".5s", "20m", "10001s", "1e3ms", "99999999999999999999s", "20msx"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Quantity, Shares) {
    EXPECT_DOUBLE_EQ(*parse_share("1%"), 0.01);
    EXPECT_DOUBLE_EQ(*parse_share("0.1"), 0.001);
    EXPECT_DOUBLE_EQ(*parse_share("100%"), 1);
    EXPECT_DOUBLE_EQ(*parse_share("0"), 0);
    for (const char* wrong : {"", "%", "100.1%", "101", "1%%", "1 %", "-1%"}) EXPECT_FALSE(parse_share(wrong)) << wrong;
}

TEST(Quantity, Rates) {
    EXPECT_EQ(parse_bit_rate("100mbit"), 100'000'000U);
    EXPECT_EQ(parse_bit_rate("1.5gbit"), 1'500'000'000U);
    EXPECT_EQ(parse_bit_rate("512kbit"), 512'000U);
    EXPECT_EQ(parse_bit_rate("8bit"), 8U);
    for (const char* wrong : {"", "0", "0mbit", "0.4bit", "100", "100mbps", "1001gbit", "100 mbit"})
        EXPECT_FALSE(parse_bit_rate(wrong)) << wrong;
}

TEST(Quantity, AreWrittenAsTheyAreRead) {
    EXPECT_EQ(duration_text(20ms), "20ms");
    EXPECT_EQ(duration_text(1500us), "1.5ms");
    EXPECT_EQ(duration_text(90s), "90s");
    EXPECT_EQ(duration_text(0ns), "0");
    EXPECT_EQ(share_text(0.001), "0.1%");
    EXPECT_EQ(share_text(1), "100%");
    EXPECT_EQ(bit_rate_text(100'000'000), "100mbit");
    EXPECT_EQ(bit_rate_text(1'500), "1.5kbit");
}

}  // namespace
}  // namespace hairpin
