#pragma once
// Commands whose answer is events, one after the other: monitor, ping, trace live. They end when the reader goes, with Ctrl-C, or with an
// event that says it is the last.

#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "cli/failure.h"
#include "control/client.h"

namespace hairpin::cli {

// Hands `put` each event; it answers false when nobody reads any more. What was asked and did not succeed, as the last event says, is
// a Failure without a sentence: the events have told why.
Outcome<void> follow(control::Client& daemon, const std::function<bool(const nlohmann::json& event)>& put);

}  // namespace hairpin::cli
