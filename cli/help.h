#pragma once
// What `hairpin`, `hairpin help`, `hairpin COMMAND --help` and the shell's `help` print, from the tables of commands.

#include <string>

#include "cli/command_table.h"
#include "cli/described.h"

namespace hairpin::cli {

// What stands below a list of commands in the shell.
inline constexpr std::string_view kHelpInShell =
    "\n`help COMMAND` explains one. Behind any command: | match, except, count, json, set, no-more.\n";

std::string short_help();

// About one command in full, as it is typed behind `program`, which is "hairpin " or, in the shell, nothing; of several that begin with
// `words` a list; without words a list of all. A command of the configuration mode is found as well.
Outcome<std::string> help_about(Words words, const CommandTable& table, std::string_view program, const Style& style);

std::string help_of(const Described& command, std::string_view program, const Style& style);
// A command a line: its usage, and what it does.
std::string list_of(std::span<const Described> commands, const Style& style);

}  // namespace hairpin::cli
