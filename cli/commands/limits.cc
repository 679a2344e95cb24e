// Who has how much of what is limited.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/cells.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// "all", "192.0.2.7", "rule 3", "192.0.2.7 under rule 3"
std::string who_cell(const json& row, const Style&) {
    const std::string host = text_of(row, "host"), rule = text_of(row, "rule");
    if (rule.empty()) return host.empty() ? "all" : host;
    return (host.empty() ? "rule " : host + " under rule ") + rule;
}

// "sessions 100\nhalf-open 10"
std::string limit_cell(const json& limit, const Style&) {
    std::string text;
    if (limit.is_object())
        for (const auto& [name, value] : limit.items()) text += (text.empty() ? "" : "\n") + name + " " + value.dump();
    return text.empty() ? "-" : text;
}

constexpr auto kLimitColumns = std::to_array<Column>({
    {"", "WHO", Align::left, who_cell},
    {"sessions", "SESSIONS", Align::right},
    {"tcp", "TCP", Align::right},
    {"udp", "UDP", Align::right},
    {"icmp", "ICMP", Align::right},
    {"half_open", "HALF OPEN", Align::right},
    {"refused", "REFUSED", Align::right},
    {"limit", "LIMIT", Align::left, limit_cell},
});
constexpr auto kSubscriberColumns = std::to_array<Column>({
    {"host", "HOST"},
    {"protocol", "PROTOCOL"},
    {"ports", "PORTS", Align::right},
    {"limit", "LIMIT", Align::right},
    {"refused", "REFUSED", Align::right},
});

// "1024-1279"
std::string ports_cell(const json& row, const Style&) { return text_of(row, "first_port") + "-" + text_of(row, "last_port"); }

// Those that found no block, and those beyond a quota: the same reason.
std::string packets_beyond_quota(const json& result) {
    const auto refused = result.value("refused", std::uint64_t{0});
    return refused == 0 ? ""
                        : fmt::format("{} packet{} from a host with as many ports as it may have (nat-quota)\n", refused,
                                      refused == 1 ? " was refused" : "s were refused");
}

constexpr auto kPortBlockColumns = std::to_array<Column>({
    {"host", "HOST"},
    {"address", "ADDRESS"},
    {"", "PORTS", Align::left, ports_cell},
    {"mappings", "MAPPINGS", Align::right},
    {"age_seconds", "AGE", Align::right, duration},
});

const auto kLimitCommands = std::to_array<Command>({
    {.words = "show sessions limits",
     .description = "how many sessions everybody has for whom there is a limit",
     .details =
         "Counted are all, each host, each rule and each host under a rule, as far as `sessions limit` and the `limit` of "
         "firewall "
         "rules ask for it; who has most stands first. HALF OPEN are those whose handshake is not done, REFUSED the packets that "
         "a limit kept from beginning a session. Who has no sessions any more is forgotten.",
     .example = "show sessions limits",
     .method = control::method::kShowSessionsLimits,
     .schema = "sessions-limits",
     .columns = kLimitColumns,
     .nothing = "there are no limits, or nobody has a session that is counted"},
    {.words = "show nat subscribers",
     .description = "how many outside ports each inside host uses, of those that it may",
     .details =
         "Of each protocol, where `nat ports-per-host` sets a quota. Ports of mappings that rest do not count. REFUSED are the "
         "packets that found it used up.",
     .example = "show nat subscribers",
     .method = control::method::kShowNatSubscribers,
     .schema = "nat-subscribers",
     .columns = kSubscriberColumns,
     .nothing = "there is no quota, or nobody uses a port",
     .below = packets_beyond_quota},
    {.words = "show nat port-blocks",
     .description = "which outside ports belong to which inside host",
     .details = "Of snat rules with `port-allocation block`. A block is its host's from its first mapping there until the last "
                "one has rested; "
                "MAPPINGS are those that have a port of it now. The log has a line for each block that is taken or released. "
                "Below stands "
                "how many packets were refused because their host has no room in its blocks and may have no other, or is at its "
                "quota.",
     .example = "show nat port-blocks",
     .method = control::method::kShowNatPortBlocks,
     .schema = "nat-port-blocks",
     .columns = kPortBlockColumns,
     .nothing = "nobody has a block",
     .below = packets_beyond_quota},
});

}  // namespace

std::span<const Command> limit_commands() { return kLimitCommands; }

}  // namespace hairpin::cli
