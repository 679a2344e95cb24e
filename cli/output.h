#pragma once
// A command's result as it is printed: a table or text for people, JSON for programs.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/command.h"

namespace hairpin::cli {

enum class Form : std::uint8_t { text, json, set };  // set: of configurations alone; of anything else it is text

std::string render(const Command& command, const nlohmann::json& result, Form form, const Style& style);
// One line, without its end.
std::string render_event(const Command& command, const nlohmann::json& event, Form form, const Style& style);

}  // namespace hairpin::cli
