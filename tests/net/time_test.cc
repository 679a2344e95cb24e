#include "net/time.h"

#include <gtest/gtest.h>

namespace hairpin {
namespace {

using namespace std::chrono_literals;

TEST(Tick, NothingExpiresEarly) {
    EXPECT_EQ(Tick::ticks_in(0s), 0u);
    EXPECT_EQ(Tick::ticks_in(1ns), 1u);
    EXPECT_EQ(Tick::ticks_in(125ms), 1u);
    EXPECT_EQ(Tick::ticks_in(126ms), 2u);
    EXPECT_EQ(Tick::ticks_in(24h), 24u * 3600 * 8);
}

TEST(Tick, BeginsNoLaterThanItsTime) {
    EXPECT_EQ(Tick::at(Timestamp{124ms}), Tick{0});
    EXPECT_EQ(Tick::at(Timestamp{125ms}), Tick{1});
    EXPECT_LE(Tick::at(Timestamp{12345678us}).time(), Timestamp{12345678us});
}

}  // namespace
}  // namespace hairpin
