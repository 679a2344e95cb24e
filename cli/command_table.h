#pragma once
// Every command of `hairpin`, and how what was typed finds its row.

#include <vector>

#include "cli/command.h"

namespace hairpin::cli {

// The rows of each area, in cli/commands/<area>.cc.
std::span<const Command> switch_commands();
std::span<const Command> switch_feature_commands();
std::span<const Command> switch_protocol_commands();
std::span<const Command> impairment_commands();
std::span<const Command> tunnel_commands();
std::span<const Command> machine_commands();
std::span<const Command> gateway_commands();
std::span<const Command> network_commands();
std::span<const Command> rule_commands();
std::span<const Command> configuration_commands();
std::span<const Command> alg_commands();
std::span<const Command> session_commands();
std::span<const Command> limit_commands();
std::span<const Command> packet_commands();
std::span<const Command> watching_commands();
std::span<const Command> capture_commands();
std::span<const Command> debug_commands();
std::span<const Command> daemon_commands();

// Rows in the order in which help lists them.
using CommandTable = std::vector<const Command*>;
// All of them.
const CommandTable& command_table();

struct Typed {
    const Command* command;
    Words arguments;  // what stands behind the command's words
};

// What the method of a command is asked, or which of `arguments` is wrong.
Outcome<nlohmann::json> parameters_of(const Command& command, Words arguments);

// What may follow `words`, all of which are complete: words of commands, then what their terms want.
Expectations expected_after(Words words, const KnownValues& known, const CommandTable& table = command_table());

// "trace PROTOCOL SOURCE DESTINATION in INTERFACE [ttl NUMBER]".
std::string usage_of(const Command& command);

// Each word may be abbreviated as long as it can be told from the others in its place: `sh int` is `show interfaces`.
Outcome<Typed> find_command(Words words, const CommandTable& table = command_table());

// What is wrong with `words`, if it is one of them: nothing when they may go on.
std::optional<Failure> mistake_in(Words words, const CommandTable& table = command_table());

// The rows that begin with these words, or go on from them; none when there are no such.
CommandTable commands_beginning(Words words, const CommandTable& table = command_table());

std::vector<std::string> words_of(const Command& command);

}  // namespace hairpin::cli
