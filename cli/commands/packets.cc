// The packets: what became of them, and what would become of one.

#include <array>

#include "cli/command_table.h"
#include "cli/trace_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

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

const auto kCommands = std::to_array<Command>({
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
