#include "manual/programs.h"

#include <CLI/CLI.hpp>
#include <array>

#include "cli/choice.h"
#include "cli/described.h"
#include "cli/options.h"
#include "lab/lab_command.h"
#include "runtime/options.h"

namespace hairpin::manual {

namespace {

// "-f, --format FORMAT", or of what stands without a dash "[TOPOLOGY]".
std::string term_of(const CLI::Option& option) {
    const std::string value = option.get_type_name();
    if (option.get_positional()) return "[" + value + "]";
    std::string names;
    for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    return names + (value.empty() ? "" : " " + value);
}

void options_of(Markup& page, const CLI::App& app) {
    std::vector<Entry> rows;
    for (const CLI::Option* option : app.get_options())
        rows.push_back({term_of(*option), {option->get_default_str()}, cli::as_sentence(option->get_description())});
    static const auto kTitles = std::to_array<std::string>({"option", "default", "meaning"});
    page.entries(kTitles, rows);
}

void verb(Markup& page, const CLI::App& app) {
    page.heading(3, "hairpin lab " + app.get_name());
    std::vector<std::string> others;
    for (const std::string& alias : app.get_aliases()) others.push_back("`" + alias + "`");
    page.paragraph(cli::as_sentence(app.get_description()) + (others.empty() ? "" : " Also: " + cli::listed(others) + "."));
    options_of(page, app);
}

}  // namespace

void options_of_hairpin(Markup& page) {
    CLI::App app;
    cli::Options options;
    cli::describe_options(app, options);
    options_of(page, app);
}

void options_of_hairpind(Markup& page) {
    CLI::App app;
    runtime::ProgramOptions options;
    runtime::describe_options(app, options);
    options_of(page, app);
}

void lab_verbs(Markup& page) {
    lab::describe_lab([&](const CLI::App& app) {
        for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) verb(page, *each);
    });
}

}  // namespace hairpin::manual
