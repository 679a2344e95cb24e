// The configuration in force, those before it, and how another one takes its place. Changing it setting by setting is the shell's
// (cli/shell/configuration_mode.h).

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

std::string waiting(const json& value, const Style& style) {
    return value.is_null() ? "" : "to be confirmed within " + duration(value, style);
}

// To the second: 2026-11-23 13:45:10.
std::string moment(const json& value, const Style&) {
    std::string text = value.is_string() ? value.get<std::string>().substr(0, 19) : "-";
    if (const auto t = text.find('T'); t != std::string::npos) text[t] = ' ';
    return text;
}

constexpr auto kCommitColumns = std::to_array<Column>({
    {"number", "#", Align::right},
    {"generation", "GENERATION", Align::right},
    {"time", "TIME", Align::left, moment},
    {"user", "USER"},
    {"via", "VIA"},
    {"pending_seconds", "WAITS", Align::left, waiting},
    {"comment", "COMMENT"},
});

const auto kConfigurationFile =
    std::to_array<Term>({{"", &value::kJsonFile, "config", Term::How::required},
                         {"force", nullptr, "force", Term::How::optional,
                          "even if a NAT rule uses an address whose packets do not come to the gateway"}});

std::string loaded_text(const json& result, const Style& style) {
    std::string text = fmt::format("generation {}", text_of(result, "generation"));
    if (const json summary = result.value("summary", json()); !summary.empty()) text += ": " + plain(summary, style);
    for (const json& row : result.value("consequences", json::array())) text += "\n" + text_of(row, "text");
    for (const json& warning : result.value("warnings", json::array())) text += "\nwarning: " + plain(warning, style);
    return text + "\n";
}

std::string configuration_text(const json& result, const Style&) {
    return result.value("config", json()).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

const auto kConfigurationCommands = std::to_array<Command>({
    {.words = "show configuration",
     .description = "the configuration in force, as JSON",
     .details = "It is the document of RFC 7951 that was given, ports that were added included and defaults left "
                "out; `load` takes it again. `| set` prints set commands instead.",
     .example = "show configuration | set",
     .method = control::method::kConfigGet,
     .schema = "configuration",
     .text = configuration_text},
    {.words = "show system commit",
     .description = "the configuration in force and those before it: who, when, why",
     .details = "0 is in force, 1 was before it. GENERATION goes up by one with each commit; of an earlier run of "
                "the daemon it is -. USER is who asked, by the control socket, and VIA by what: commit, load, port "
                "add, port remove, boot (the daemon started with it) or confirm timeout (nobody confirmed the one "
                "after it). WAITS says how long it may still be confirmed. `rollback` and `compare rollback`, in "
                "the configuration mode, take the number.",
     .example = "show system commit",
     .method = control::method::kConfigHistory,
     .schema = "commits",
     .columns = kCommitColumns,
     .nothing = "nothing has been committed"},
    {.words = "load",
     .description = "replace the configuration while traffic runs",
     .details = "The whole document is checked first, and then put in force between two packets, or not at all. "
                "Without `hairpin:switch` in it the switch stays as it is. Sessions stay where the new rules would "
                "make them alike.",
     .example = "load topologies/hairpin/configs/edge.json",
     .terms = kConfigurationFile,
     .method = control::method::kConfigLoad,
     .schema = "load",
     .text = loaded_text},
});

}  // namespace

std::span<const Command> configuration_commands() { return kConfigurationCommands; }

}  // namespace hairpin::cli
