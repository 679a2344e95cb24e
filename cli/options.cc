#include "cli/options.h"

#include <CLI/CLI.hpp>

#include "cli/style.h"

namespace hairpin::cli {

void describe_options(CLI::App& app, Options& options) {
    app.set_help_flag();
    app.add_option("--socket", options.socket, "Speak to the daemon at this control socket")->type_name("PATH");
    app.add_option("--lab", options.lab, "Speak to this running lab's daemon")->type_name("NAME");
    app.add_option("-c,--command", options.commands, "Run these commands of the shell, separated by ;")->type_name("TEXT");
    app.add_flag("-j,--json", options.json, "Print JSON, with exact numbers");
    app.add_flag("-h,--help", options.help, "Print help, of a command when one is given");
    app.add_flag("--version", options.version, "Print the version");
}

Outcome<Options> take_options(std::vector<std::string>& words, Where where, Options so_far) {
    CLI::App app;
    describe_options(app, so_far);
    if (where == Where::at_the_front)
        app.prefix_command();
    else
        app.allow_extras();
    std::vector<std::string> reversed{words.rbegin(), words.rend()};  // as CLI11 wants them
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& problem) {
        return misused(problem.what());
    }
    words = app.remaining();
    return so_far;
}

std::string options_help() {
    constexpr std::size_t kDescriptionAt = 20;
    CLI::App app;
    Options options;
    describe_options(app, options);
    std::string text = "\nOptions:\n";
    for (const CLI::Option* option : app.get_options()) {
        const std::string name =
            option->get_name(false, true) + (option->get_type_name().empty() ? "" : " " + option->get_type_name());
        text += padded("  " + name, kDescriptionAt) + option->get_description() + "\n";
    }
    return text;
}

}  // namespace hairpin::cli
