#pragma once
// The mode in which the shell begins, `>`: every command of the command table, and a few that only a shell can have.

#include <functional>
#include <string>

#include "cli/command_table.h"
#include "cli/shell/daemon_link.h"
#include "cli/shell/mode.h"

namespace hairpin::cli {

// All that can be typed in it: the command table, then what only a shell can do.
const CommandTable& shell_table();

class OperationalMode final : public Mode {
public:
    // `name` stands in the prompt. All of it outlives the mode.
    OperationalMode(std::string name, DaemonLink& daemon, Preferences& preferences, Environment environment,
                    std::function<int(std::vector<std::string>)> lab);

    std::string prompt() const override { return name_ + "> "; }
    Expectations expect(Words words) override;
    bool may_end(Words words) override;
    std::optional<Failure> mistake(Words words) const override;
    Outcome<Next> run(Words words, OutputStream& out) override;

    // One command of the table; `run` of the configuration mode asks here, too. `more` is added to the method's parameters.
    Outcome<Next> run_command(Words words, OutputStream& out, const nlohmann::json& more);
    Outcome<Next> run_command(Words words, OutputStream& out);
    Expectations expect_command(Words words);
    Style style() const { return Style::of_terminal(environment_); }

private:
    KnownValues known_values() const;
    Outcome<Next> run_typed(const Typed& typed, Words words, OutputStream& out, const nlohmann::json& more);
    Outcome<Next> ask(const Typed& typed, std::size_t words_of_command, const nlohmann::json& more, OutputStream& out);
    Outcome<Next> carry(const Command& command, const nlohmann::json& parameters);
    Outcome<Next> follow(const Command& command, control::Client& daemon, OutputStream& out);
    static tl::unexpected<Failure> complaint(const control::CallError& error, const Typed& typed);

    std::string name_;
    DaemonLink& daemon_;
    Preferences& preferences_;
    Environment environment_;
    std::function<int(std::vector<std::string>)> lab_;
};

}  // namespace hairpin::cli
