#pragma once
// The router command line: `hairpin` at a terminal, `hairpin < file` in a script, `hairpin -c "..."` for a few commands.

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "cli/application.h"
#include "cli/shell/command_line.h"
#include "cli/shell/configuration_mode.h"
#include "cli/shell/line_editor.h"
#include "cli/shell/operational_mode.h"

namespace hairpin::cli {

class Shell {
public:
    // `name` stands in the prompt: the lab's, or the machine's.
    Shell(std::string name, std::string socket, Form form, const Surroundings& around);

    // Until Ctrl-D or `exit`. A command that fails says why, and the shell goes on.
    ExitCode run_at_terminal();
    // Until the end, or until the first command that fails: said with the line's number, as `where` line N.
    ExitCode run_script(std::istream& script, std::string_view where);

private:
    Mode& mode() { return configuration_ ? static_cast<Mode&>(*configuration_) : operational_; }
    LineEditor::Proposal propose(std::string_view line);
    std::optional<Failure> mistake_in(const CommandLine& line);
    std::string said_at_terminal(const CommandLine& line, const Failure& failure);
    // An error names the word of the whole line.
    Outcome<void> execute(const CommandLine& line);
    Outcome<void> go(Next next);

    std::string name_;
    Environment environment_;
    DaemonLink daemon_;
    Preferences preferences_;
    OperationalMode operational_;
    std::unique_ptr<ConfigurationMode> configuration_;
    bool ended_ = false;
};

}  // namespace hairpin::cli
