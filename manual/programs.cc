#include "manual/programs.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "cli/choice.h"
#include "cli/described.h"
#include "cli/options.h"
#include "docker/options.h"
#include "lab/containers/container_image.h"
#include "lab/file_keys.h"
#include "lab/lab_command.h"
#include "runtime/options.h"
#include "sidecar/options.h"

namespace hairpin::manual {

namespace {

// "-f, --format FORMAT", or of what stands without a dash "[TOPOLOGY]".
std::string term_of(const CLI::Option& option) {
    std::string value = option.get_type_name();
    value.resize(std::min(value.find(':'), value.size()));  // behind it stands how CLI11 checks the value
    if (option.get_positional()) return "[" + value + "]";
    std::string names;
    for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    return names + (value.empty() ? "" : " " + value);
}

// `--help` need not be told of every verb.
enum class Help { told, left_out };

void options_of(Markup& page, const CLI::App& app, Help help) {
    std::vector<Entry> rows;
    for (const CLI::Option* option : app.get_options())
        if (help == Help::told || option != app.get_help_ptr())
            rows.push_back({term_of(*option), {option->get_default_str()}, option->get_description()});
    static const auto kTitles = std::to_array<std::string>({"option", "default", "meaning"});
    page.entries(kTitles, rows);
}

// Each program's folder describes its own Options.
template <typename Options>
void options_of_program(Markup& page) {
    CLI::App app;
    Options options;
    describe_options(app, options);
    options_of(page, app, Help::told);
}

void verb(Markup& page, const CLI::App& app) {
    page.heading(3, "hairpin lab " + app.get_name());
    std::vector<std::string> others;
    for (const std::string& alias : app.get_aliases()) others.push_back("`" + alias + "`");
    page.paragraph(cli::as_sentence(app.get_description()) + (others.empty() ? "" : " Also: " + cli::listed(others) + "."));
    options_of(page, app, Help::left_out);
}

// What stands under a heading: the keys that are used, then those that a containerlab file may have besides.
struct KeysOf {
    std::string_view what;
    std::span<const lab::KeyRow> rows;
};

void keys(Markup& page, const KeysOf& table) {
    page.heading(3, table.what);
    std::vector<Entry> used;
    std::vector<std::string> others, of_containers;
    for (const lab::KeyRow& row : table.rows) {
        if (row.use == lab::KeyUse::used) used.push_back({std::string{row.name}, {}, std::string{row.meaning}});
        if (row.use == lab::KeyUse::ignored) others.push_back("`" + std::string{row.name} + "`");
        if (lab::is_container_key(row.name)) of_containers.push_back("`" + std::string{row.name} + "`");
    }
    static const auto kTitles = std::to_array<std::string>({"key", "meaning"});
    page.entries(kTitles, used);
    const auto list = [](const std::vector<std::string>& names) {
        std::string text;
        for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
        return text;
    };
    if (!of_containers.empty())
        page.paragraph(
            "Of a container that the lab starts (`hairpin lab up --runtime docker` or `podman`), with containerlab's meaning; of "
            "a host in a namespace "
            "without effect: " +
            list(of_containers) + ".");
    if (!others.empty()) page.paragraph("Accepted with a warning, and without effect: " + list(others) + ".");
}

}  // namespace

void options_of_hairpin(Markup& page) { options_of_program<cli::Options>(page); }

void options_of_hairpind(Markup& page) { options_of_program<runtime::ProgramOptions>(page); }

void options_of_hairpin_docker(Markup& page) { options_of_program<docker::Options>(page); }

void options_of_hairpin_port(Markup& page) { options_of_program<sidecar::Options>(page); }

void lab_verbs(Markup& page) {
    lab::describe_lab([&](const CLI::App& app) {
        for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) verb(page, *each);
    });
}

void keys_of_topologies(Markup& page) {
    for (const KeysOf& table :
         {KeysOf{"the file", lab::topology_file_keys()}, KeysOf{"topology", lab::topology_keys()},
          KeysOf{"a node", lab::node_keys()}, KeysOf{"a link", lab::link_keys()},
          KeysOf{"vars of a link", lab::link_variable_keys()}, KeysOf{"a link of type vxlan", lab::tunnel_keys()},
          KeysOf{"vars of a link of type vxlan", lab::tunnel_variable_keys()}})
        keys(page, table);
}

void keys_of_lab_tests(Markup& page) {
    for (const KeysOf& table :
         {KeysOf{"a test", lab::lab_test_keys()}, KeysOf{"expect of a command", lab::command_expectation_keys()},
          KeysOf{"trace", lab::trace_keys()}, KeysOf{"expect of a trace", lab::trace_expectation_keys()},
          KeysOf{"reach", lab::reach_keys()}, KeysOf{"do", lab::deed_keys()}, KeysOf{"during", lab::during_keys()},
          KeysOf{"expect of do", lab::deed_expectation_keys()}})
        keys(page, table);
}

}  // namespace hairpin::manual
