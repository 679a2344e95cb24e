#pragma once
// What a traced packet met, for people: the steps of its way, what each changed, the verdict; then the way of the reply that it
// would get; then the four stages.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/style.h"

namespace hairpin::cli {

// The result of the method `trace`.
std::string render_trace(const nlohmann::json& trace, const Style& style);

// The way of one packet alone, and how it ended.
std::string render_steps(const nlohmann::json& trace, const Style& style);

}  // namespace hairpin::cli
