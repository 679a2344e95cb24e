#pragma once
// `trace pcap FILE`: reads a capture and has the daemon run it through a gateway of its own, some frames at a time.

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "cli/command.h"

namespace hairpin::cli {

// A row for each packet, and beside the rows what the reader should know: "detail" when it was asked for; "incomplete", a sentence, when the
// capture has more than is traced; "failure", when it is broken from some packet on.
Outcome<nlohmann::json> replay_capture(const nlohmann::json& parameters, const Ask& ask);

// The rows as a table, or each with its steps.
std::string replay_text(const nlohmann::json& result, const Style& style);

}  // namespace hairpin::cli
