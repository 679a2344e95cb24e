#pragma once
// A JSON document from a file that people wrote.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/failure.h"

namespace hairpin::cli {

// "-" is standard input. What is no JSON is refused as FILE:LINE:COLUMN: REASON; so is a key that stands twice in one object, of
// which one would be lost without a word.
Outcome<nlohmann::json> read_json_file(const std::string& file);

}  // namespace hairpin::cli
