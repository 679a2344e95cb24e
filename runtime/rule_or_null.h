#pragma once
// A rule's number in an answer.

#include <nlohmann/json_fwd.hpp>

#include "gateway/ruleset.h"

namespace hairpin::runtime {

// Null where no rule had its part.
nlohmann::json rule_or_null(gateway::RuleId rule);

}  // namespace hairpin::runtime
