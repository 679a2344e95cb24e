#pragma once
// `show tech`: all that can be shown, in one archive, for somebody who is asked what is wrong and cannot look himself.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/command.h"

namespace hairpin::cli {

// Asks for every `show` that wants no words, and writes what they answer as text and as JSON. What could not be asked stands in the
// archive as the reason, and in the result's "missing". The rest: "file", "entries" (how many files), "bytes" (of the archive).
Outcome<nlohmann::json> write_tech_support(const nlohmann::json& parameters, const Ask& ask);

std::string tech_support_text(const nlohmann::json& result, const Style& style);

}  // namespace hairpin::cli
