#pragma once
// A command's result as it is printed: a table or text for people, JSON for programs. What a daemon of another version answers and no
// table or text can be made of is printed as JSON, too.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace hairpin::cli {

enum class Form : std::uint8_t { text, json_document, set };  // set: of configurations alone; of anything else it is text

std::string render(const Command& command, const nlohmann::json& result, Form form, const Style& style);
// A line without its end; several, where an event has more to say.
std::string render_event(const Command& command, const nlohmann::json& event, Form form, const Style& style);
// How a command ends whose result has been told: as a failure, where the result says no, or what failed after all that could be told.
Outcome<void> verdict_on(const Command& command, const nlohmann::json& result);
// Hands over each of the lines of a text, of which an empty one has none, until `put` answers false; answers what it did last.
bool all_of_lines(std::string_view text, const std::function<bool(std::string_view line)>& put);

}  // namespace hairpin::cli
