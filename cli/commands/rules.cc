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

constexpr auto kCommands = std::to_array<Command>({
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
});

}  // namespace

std::span<const Command> rule_commands() { return kCommands; }

}  // namespace hairpin::cli
