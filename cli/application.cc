#include "cli/application.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "cli/command_table.h"
#include "cli/completion.h"
#include "cli/follow.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/shell/shell.h"
#include "control/client.h"
#include "lab/lab_command.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

std::string joined(Words words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// Asks the daemon and prints what it answers.
Outcome<void> ask(const Typed& typed, const Options& options, const Surroundings& around) {
    const Command& command = *typed.command;
    const auto parameters = parameters_of(command, typed.arguments);
    if (!parameters) return failed_with(parameters.error().code, joined(words_of(command)) + ": " + parameters.error().sentence);
    const auto socket = find_daemon(options.socket, options.lab, around.environment, around.places);
    if (!socket) return tl::unexpected(socket.error());

    const std::string shown = joined(words_of(command)) + (typed.arguments.empty() ? "" : " " + joined(typed.arguments));
    if (command.carry != nullptr) return command.carry(*parameters, *socket, shown);
    auto daemon = control::Client::connect(*socket);
    if (!daemon) return tl::unexpected(failure_of(daemon.error(), shown));
    const auto ask_daemon = [&](std::string_view method, const json& question) -> Outcome<json> {
        auto answer = daemon->call(std::string{method}, question);
        return answer ? Outcome<json>{std::move(*answer)} : tl::unexpected(failure_of(answer.error(), shown));
    };
    const auto result =
        command.converse != nullptr ? command.converse(*parameters, ask_daemon) : ask_daemon(command.method, *parameters);
    if (!result) return tl::unexpected(result.error());

    const Form form = options.json ? Form::json_document : Form::text;
    const Style style = Style::of_terminal(around.environment);
    if (command.event != nullptr)
        return follow(*daemon, [&](const json& event) {
            const std::string text = render_event(command, event, form, style);
            return all_of_lines(text, [&](std::string_view line) { return (around.out << line << std::endl).good(); });
        });
    around.out << render(command, *result, form, style) << std::flush;
    if (!around.out) return failed_with(ExitCode::failed, "cannot write the answer to standard output");
    return verdict_on(command, *result);
}

Outcome<void> print_help(Words words, const Surroundings& around) {
    const auto text = help_about(words, command_table(), "hairpin ", Style::of_terminal(around.environment));
    if (!text) return tl::unexpected(text.error());
    around.out << *text;
    return {};
}

// The prompt's name: the lab's whose daemon it is, or the machine's.
std::string name_of(const std::string& socket, const Places& places) {
    const std::filesystem::path path{socket};
    if (path.parent_path().parent_path() == std::filesystem::path{places.labs_folder}) return path.parent_path().filename();
    std::array<char, 256> host{};
    return gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "hairpin";
}

// "show ports; show arp" is two lines to the shell; what stands in quotes is one.
std::string as_lines(std::string commands) {
    bool quoted = false;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (commands[i] == '\\')
            ++i;
        else if (commands[i] == '"')
            quoted = !quoted;
        else if (commands[i] == ';' && !quoted)
            commands[i] = '\n';
    }
    return commands;
}

Outcome<void> open_shell(const Options& options, const Surroundings& around) {
    const bool given = !options.commands.empty();
    if (!given && around.in == nullptr) {
        around.out << short_help();
        return {};
    }
    const auto socket = find_daemon(options.socket, options.lab, around.environment, around.places);
    if (!socket) {
        if (around.terminal && !given) around.out << short_help() << std::endl;
        return tl::unexpected(socket.error());
    }
    Shell shell{name_of(*socket, around.places), *socket, options.json ? Form::json_document : Form::text, around};
    std::istringstream commands{as_lines(options.commands)};
    const ExitCode code = given             ? shell.run_script(commands, "-c")
                          : around.terminal ? shell.run_at_terminal()
                                            : shell.run_script(*around.in, "standard input");
    if (code != ExitCode::ok) return failed_with(code, "");
    return {};
}

// Everything but `lab`, which exits as it likes.
Outcome<void> run_command(std::vector<std::string>& words, const Options& at_the_front, const Surroundings& around) {
    const auto options = take_options(words, Where::everywhere, at_the_front);
    if (!options) return tl::unexpected(options.error());
    if (options->version) {
        around.out << "hairpin " HAIRPIN_VERSION "\n";
        return {};
    }
    if (words.empty() && !options->help) return open_shell(*options, around);
    if (options->help) return print_help(words, around);
    const auto typed = find_command(words);
    if (!typed) return tl::unexpected(typed.error());
    if (typed->command->words == "help") return print_help(typed->arguments, around);
    if (const auto script = completion_script(typed->command->words)) {
        around.out << *script;
        return {};
    }
    return ask(*typed, *options, around);
}

// One that has been told already has no sentence.
int report(const Failure& failure, const Surroundings& around) {
    if (failure.sentence.empty()) return static_cast<int>(failure.code);
    std::string sentence = failure.sentence;
    std::replace(sentence.begin(), sentence.end(), '\n', ' ');
    around.error << "hairpin: error: " << sentence << std::endl;
    return static_cast<int>(failure.code);
}

// What bash asks at a TAB. Values in use are known where a daemon answers.
int complete(const std::vector<std::string>& words, const Surroundings& around) {
    if (words.size() > 1 && words[0] == "lab") {
        std::vector<std::string> of_lab{words};
        of_lab[0] = lab::kComplete;
        return around.lab(std::move(of_lab));
    }
    const auto socket = find_daemon("", "", around.environment, around.places);
    DaemonLink daemon{socket.value_or("")};
    around.out << completions(words, [&](std::string_view method, std::string_view column) {
        return socket ? daemon.column(method, column) : std::vector<std::string>{};
    });
    return static_cast<int>(ExitCode::ok);
}

// `lab shell` without a node is the gateway's own: this program's shell. JSON may be asked for before `lab` as well.
int run_lab(std::vector<std::string> words, Options options, const Surroundings& around) {
    const bool router = !words.empty() && words[0] == "shell" && words.size() <= 2 && !words.back().starts_with("-");
    if (!router || around.in == nullptr) {
        if (options.json && !words.empty()) words.insert(std::find(words.begin(), words.end(), "--"), "-j");
        return around.lab(std::move(words));
    }
    if (words.size() == 2) options.lab = words[1];
    const auto done = open_shell(options, around);
    return done ? static_cast<int>(ExitCode::ok) : report(done.error(), around);
}

}  // namespace

int run(std::vector<std::string> arguments, const Surroundings& around) {
    if (!arguments.empty() && arguments[0] == lab::kComplete) return complete({arguments.begin() + 1, arguments.end()}, around);
    const auto options = take_options(arguments, Where::at_the_front);
    if (!options) return report(options.error(), around);
    if (!arguments.empty() && !options->help) {
        const auto typed = find_command(arguments);
        if (typed && typed->command->words == "lab")
            return run_lab({typed->arguments.begin(), typed->arguments.end()}, *options, around);
    }
    const auto done = run_command(arguments, *options, around);
    return done ? static_cast<int>(ExitCode::ok) : report(done.error(), around);
}

}  // namespace hairpin::cli
