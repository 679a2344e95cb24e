// The packets: what became of them, and what would become of one.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/choice.h"
#include "cli/command_table.h"
#include "cli/trace_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

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

using Value = Keyword::Value;
constexpr auto kTraceWords = std::to_array<Keyword>({
    {"in", "interface", Value::text},
    {"ttl", "ttl", Value::number},
    {"df", "df", Value::yes},
    {"no-df", "df", Value::no},
    {"size", "size", Value::number},
    {"flags", "flags", Value::text},
});

Outcome<json> packet_to_trace(Words words) {
    if (words.size() < 3)
        return misused(
            "trace: expected PROTOCOL SOURCE DESTINATION in INTERFACE, such as tcp 192.0.2.1:40000 203.0.113.80:80 in lan");
    const std::vector<std::string> protocols{"tcp", "udp", "icmp"};
    const auto protocol = choose(words[0], protocols, "trace");
    if (!protocol) return tl::unexpected(protocol.error());
    auto parameters = read_keywords(words.subspan(3), kTraceWords, "trace");
    if (!parameters) return parameters;
    if (!parameters->contains("interface")) return misused("trace: expected in INTERFACE: where the packet enters the gateway");
    (*parameters)["protocol"] = *protocol;
    (*parameters)["source"] = words[1];
    (*parameters)["destination"] = words[2];
    return parameters;
}

constexpr auto kCommands = std::to_array<Command>({
    {.words = "trace",
     .arguments = "tcp|udp|icmp SOURCE[:PORT] DESTINATION[:PORT] in INTERFACE [ttl N] [df|no-df] [size N] [flags syn|ack,...]",
     .description = "what would happen to a packet, step by step, and to its reply",
     .method = control::method::kTrace,
     .schema = "trace",
     .parameters = packet_to_trace,
     .text = render_trace},
    {.words = "show counters",
     .arguments = "",
     .description = "the packet ledger and its balance",
     .method = control::method::kShowCounters,
     .schema = "counters",
     .columns = kCounterColumns,
     .nothing = "no counters"},
    {.words = "show drops",
     .arguments = "",
     .description = "dropped packets by reason",
     .method = control::method::kShowDrops,
     .schema = "drops",
     .columns = kDropColumns,
     .nothing = "no packet has been dropped"},
});

}  // namespace

std::span<const Command> packet_commands() { return kCommands; }

}  // namespace hairpin::cli
