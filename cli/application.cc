#include "cli/application.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command_table.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"
#include "control/client.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

std::string joined(Words words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// Prints each event until the reader or the daemon goes away.
Outcome<void> follow(control::Client& daemon, const Command& command, Form form, const Style& style, const Surroundings& around) {
    const auto ended = daemon.listen([&](const json& event) {
        around.out << render_event(command, event, form, style) << std::endl;
        return around.out.good();
    });
    if (!ended) return tl::unexpected(failure_of(ended.error(), std::string{command.words}));
    return {};
}

// Asks the daemon and prints what it answers.
Outcome<void> ask(const Typed& typed, const Options& options, const Surroundings& around) {
    const Command& command = *typed.command;
    const auto parameters = parameters_of(command, typed.arguments);
    if (!parameters) return failed_with(parameters.error().code, joined(words_of(command)) + ": " + parameters.error().sentence);
    const auto socket = find_daemon(options.socket, options.lab, around.environment, around.places);
    if (!socket) return tl::unexpected(socket.error());

    const std::string shown = joined(words_of(command)) + (typed.arguments.empty() ? "" : " " + joined(typed.arguments));
    auto daemon = control::Client::connect(*socket);
    if (!daemon) return tl::unexpected(failure_of(daemon.error(), shown));
    const auto result = daemon->call(std::string{command.method}, *parameters);
    if (!result) return tl::unexpected(failure_of(result.error(), shown));

    const Form form = options.json ? Form::json : Form::text;
    const Style style = Style::of_terminal(around.environment);
    if (command.event != nullptr) return follow(*daemon, command, form, style, around);
    around.out << render(command, *result, form, style) << std::flush;
    if (!around.out) return failed_with(ExitCode::failed, "cannot write the answer to standard output");
    return {};
}

Outcome<void> print_help(Words words, const Surroundings& around) {
    if (words.empty()) {
        around.out << full_help(Style::of_terminal(around.environment));
        return {};
    }
    const auto typed = find_command(words);
    if (!typed) return tl::unexpected(typed.error());
    around.out << help_of(*typed->command);
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
    if (words.empty() && !options->help) {
        around.out << short_help();
        return {};
    }
    if (options->help) return print_help(words, around);
    const auto typed = find_command(words);
    if (!typed) return tl::unexpected(typed.error());
    return typed->command->words == "help" ? print_help(typed->arguments, around) : ask(*typed, *options, around);
}

int report(const Failure& failure, const Surroundings& around) {
    std::string sentence = failure.sentence;
    std::replace(sentence.begin(), sentence.end(), '\n', ' ');
    around.error << "hairpin: error: " << sentence << std::endl;
    return static_cast<int>(failure.code);
}

}  // namespace

int run(std::vector<std::string> arguments, const Surroundings& around) {
    const auto options = take_options(arguments, Where::at_the_front);
    if (!options) return report(options.error(), around);
    if (!arguments.empty() && !options->help) {
        const auto typed = find_command(arguments);
        if (typed && typed->command->words == "lab") return around.lab({typed->arguments.begin(), typed->arguments.end()});
    }
    const auto done = run_command(arguments, *options, around);
    return done ? static_cast<int>(ExitCode::ok) : report(done.error(), around);
}

}  // namespace hairpin::cli
