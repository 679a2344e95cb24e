#pragma once
// Rules as their schedules want them at a moment. The gateway reads no clock: whoever does asks again when a minute has passed, and lets
// the gateway adopt what is different, between two bursts as after a commit.

#include "gateway/ruleset.h"

namespace hairpin::gateway {

// The same where no rule comes into force or goes out of it; else another, one turn further.
RulesetPtr scheduled(RulesetPtr ruleset, const Clocks& now);

}  // namespace hairpin::gateway
