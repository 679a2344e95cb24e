// The rules: firewall, NAT, and the configuration that they come from.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr auto kFirewallColumns = std::to_array<Column>({
    {"position", "#", Align::right},
    {"id", "ID", Align::right},
    {"name", "NAME"},
    {"type", "TYPE"},
    {"enabled", "ENABLED"},
    {"source", "SOURCE"},
    {"destination", "DESTINATION"},
    {"service", "SERVICE"},
    {"action", "ACTION"},
    {"hits", "HITS", Align::right},
    {"bytes", "BYTES", Align::right, bytes},
    {"last_hit_seconds_ago", "LAST HIT", Align::right, ago},
});

constexpr auto kNatColumns = std::to_array<Column>({
    {"id", "ID", Align::right},
    {"action", "ACTION"},
    {"applied_on", "APPLIED ON"},
    {"original", "ORIGINAL"},
    {"translated", "TRANSLATED"},
    {"protocol", "PROTOCOL"},
    {"enabled", "ENABLED"},
    {"hits", "HITS", Align::right},
    {"bytes", "BYTES", Align::right, bytes},
    {"last_hit_seconds_ago", "LAST HIT", Align::right, ago},
    {"description", "DESCRIPTION"},
});

const auto kConfigurationFile = std::to_array<Term>({{"", &value::kJsonFile, "config", Term::How::required}});

std::string loaded_text(const json& result, const Style& style) {
    std::string text = fmt::format("generation {}", text_of(result, "generation"));
    if (const json summary = result.value("summary", json()); !summary.empty()) text += ": " + plain(summary, style);
    for (const json& warning : result.value("warnings", json::array())) text += "\nwarning: " + plain(warning, style);
    return text + "\n";
}

std::string configuration_text(const json& result, const Style&) {
    return result.value("config", json()).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

const auto kCommands = std::to_array<Command>({
    {.words = "show firewall",
     .description = "the firewall rules in order, and what hit them",
     .method = control::method::kShowFirewall,
     .schema = "firewall",
     .columns = kFirewallColumns,
     .nothing = "the firewall has no rules"},
    {.words = "show nat rules",
     .description = "the NAT rules in order, and what hit them",
     .method = control::method::kShowNatRules,
     .schema = "nat-rules",
     .columns = kNatColumns,
     .nothing = "there are no NAT rules"},
    {.words = "show configuration",
     .description = "the configuration in force, as JSON",
     .method = control::method::kConfigGet,
     .schema = "configuration",
     .text = configuration_text},
    {.words = "load",
     .description = "replace the configuration while traffic runs",
     .terms = kConfigurationFile,
     .method = control::method::kConfigLoad,
     .schema = "load",
     .text = loaded_text},
});

}  // namespace

std::span<const Command> rule_commands() { return kCommands; }

}  // namespace hairpin::cli
