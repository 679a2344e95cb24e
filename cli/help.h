#pragma once
// What `hairpin`, `hairpin help` and `hairpin COMMAND --help` print, from the command table.

#include <string>

#include "cli/command.h"

namespace hairpin::cli {

std::string short_help();
std::string full_help(const Style& style);
std::string help_of(const Command& command);

}  // namespace hairpin::cli
