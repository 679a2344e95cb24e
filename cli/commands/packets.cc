// The packets: what became of them, and what would become of one.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "cli/trace_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

using How = Term::How;

namespace {

constexpr auto kCounterColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"value", "VALUE", Align::right},
    {"description", "DESCRIPTION"},
});

constexpr auto kDropColumns = std::to_array<Column>({
    {"reason", "REASON"},
    {"packets", "PACKETS", Align::right},
    {"description", "DESCRIPTION"},
});

const auto kTraceTerms = std::to_array<Term>({
    {"", &value::kProtocol, "protocol", How::required},
    {"", &value::kAddressOrEndpoint, "source", How::required, "where it comes from; of icmp without a port"},
    {"", &value::kAddressOrEndpoint, "destination", How::required, "where it wants to go, as 203.0.113.80:80"},
    {"in", &value::kInterface, "interface", How::required, "the interface by which it enters the gateway"},
    {"ttl", &value::kNumber, "ttl", How::optional, "its time to live; 64 otherwise"},
    {"df", nullptr, "df", How::optional, "it must not be fragmented, as it is otherwise", true},
    {"no-df", nullptr, "df", How::optional, "it may be fragmented", false},
    {"size", &value::kNumber, "size", How::optional, "bytes of payload; none otherwise"},
    {"flags", &value::kTcpFlags, "flags", How::optional, "its TCP flags; syn otherwise"},
});

constexpr auto kCounterKinds = std::to_array<Choice>({
    {"interfaces", "those of show interfaces"},
    {"ports", "those of show ports"},
    {"packets", "those of show counters and show drops"},
    {"rules", "hits and bytes of show firewall and show nat rules, and the marks of show nat pools"},
});
const ValueType kCounterKind{.shape = "KIND", .description = "which counters", .choices = kCounterKinds};
const auto kClearTerms =
    std::to_array<Term>({{"", &kCounterKind, "what", How::optional, "which counters; all of them otherwise"}});

std::string counted_anew(const json& result, const Style& style) {
    return "counted from now on: " + plain(result.value("cleared", json::array()), style) + "\n";
}

const auto kCommands = std::to_array<Command>({
    {.words = "clear counters",
     .description = "count from now on",
     .details =
         "What is shown is what has been counted since; the packet ledger itself never goes back, so that its balance holds.",
     .example = "clear counters",
     .terms = kClearTerms,
     .method = control::method::kClearCounters,
     .schema = "clear-counters",
     .text = counted_anew},
    {.words = "trace",
     .description = "what would happen to a packet, step by step, and to its reply",
     .terms = kTraceTerms,
     .method = control::method::kTrace,
     .schema = "trace",
     .text = render_trace},
    {.words = "show counters",
     .description = "the packet ledger and its balance",
     .method = control::method::kShowCounters,
     .schema = "counters",
     .columns = kCounterColumns,
     .nothing = "no counters"},
    {.words = "show drops",
     .description = "dropped packets by reason",
     .method = control::method::kShowDrops,
     .schema = "drops",
     .columns = kDropColumns,
     .nothing = "no packet has been dropped"},
});

}  // namespace

std::span<const Command> packet_commands() { return kCommands; }

}  // namespace hairpin::cli
