#pragma once
// How long the one session of a lab lives.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {

// Alive as long as `idle` says, gone a tick later.
inline void expect_life_of(HairpinLab& lab, Duration idle) {
    ASSERT_EQ(lab.counters().sessions, 1U);
    lab.wait(idle);
    EXPECT_EQ(lab.counters().sessions, 1U);
    lab.wait(Tick::kLength);
    EXPECT_EQ(lab.counters().sessions, 0U);
    EXPECT_THAT(lab.endings(), ::testing::ElementsAre("timeout"));
}

}  // namespace hairpin::testing
