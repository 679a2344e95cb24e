#pragma once
// Compares what was expected with what came. The answer is nothing when they agree, else a clause for the FAIL line:
// `rc 0 expected, came 28`.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "lab/lab_tests.h"
#include "lab/processes.h"
#include "lab/reachability.h"

namespace hairpin::lab {

std::optional<std::string> difference(const CommandExpectation& expected, const Finished& came);

// `came` is the result of the control socket's method `trace`.
std::optional<std::string> difference(const TraceExpectation& expected, const nlohmann::json& came);

// Of each pair what came where it is an exception, and what did not where it is none.
std::optional<std::string> difference(const ReachCheck& expected, const Reachability& came);

// Packet conservation: the row "balance" of the result of `show.counters` must be 0.
std::optional<std::string> imbalance(const nlohmann::json& counters);

// The first line of hairpind's log that is a warning or worse.
std::optional<std::string> first_complaint(const std::string& log);

}  // namespace hairpin::lab
