// Packets as they pass: watched at a port, traced through the gateway, or traced when they have passed long ago.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "cli/replay_capture.h"
#include "cli/trace_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

using How = Term::How;
using nlohmann::json;

namespace {

const auto kTrafficTerms = std::to_array<Term>({
    {"", &value::kPort, "port", How::required, "a port of the switch, or an interface of the gateway"},
    {"filter", &value::kFilter, "filter", How::optional},
    {"count", &value::kNumber, "count", How::optional, "end after so many packets"},
});

const auto kLiveTerms = std::to_array<Term>({
    {"", &value::kFilter, "filter", How::required},
    {"count", &value::kNumber, "count", How::optional, "how many packets, at most 1000; one otherwise"},
    {"in", &value::kInterface, "interface", How::optional, "only packets that enter the gateway by this interface"},
});

const auto kReplayTerms = std::to_array<Term>({
    {"", &value::kCaptureFile, "file", How::required},
    {"in", &value::kInterface, "interface", How::optional,
     "all frames enter the gateway by this interface, whomever they are sent to"},
    {"detail", nullptr, "detail", How::optional, "each packet's steps"},
});

// Why nothing more comes; nothing is said of what was asked for.
std::string end_text(const json& event) { return text_of(event, "why") == "count" ? "" : "(" + text_of(event, "text") + ")"; }

std::string traffic_line(const json& event, const Style& style) {
    const std::string kind = text_of(event, "event");
    if (kind == "end") return style.fit(end_text(event));
    if (kind == "skipped") return fmt::format("... {} more not shown", text_of(event, "packets"));
    return fmt::format("{}  {}  {}", time_of_day(text_of(event, "time")), padded(text_of(event, "direction"), 3),
                       style.fit(text_of(event, "packet")));
}

std::string live_trace_text(const json& event, const Style& style) {
    if (text_of(event, "event") == "end") return style.fit(end_text(event));
    return fmt::format("{}  {}  in {}\n{}\n", time_of_day(text_of(event, "time")), style.fit(text_of(event, "packet")),
                       style.fit(text_of(event, "in_interface")), render_trace(event, style));
}

const auto kWatchingCommands = std::to_array<Command>({
    {.words = "monitor traffic",
     .description = "packets that pass a port, live, until Ctrl-C",
     .details =
         "A line for each packet in and out of a port of the switch: in is what the port's host sends. Of an interface of the "
         "gateway, in is what goes into the gateway. A filter is in tcpdump's language and stands in quotes; names of hosts are "
         "not "
         "looked up. At most 200 lines a second are shown; the packets beyond are counted.",
     .example = "monitor traffic workstation filter \"tcp port 80\" count 10",
     .terms = kTrafficTerms,
     .method = control::method::kMonitorTraffic,
     .schema = "event",
     .event = traffic_line},
    {.words = "trace live",
     .description = "trace packets through the gateway as they pass",
     .details =
         "The next packets that enter the gateway and match the filter are forwarded as ever, and each step of their way is "
         "shown as "
         "`trace` shows it: what really happened, and not what would. A filter is in tcpdump's language and stands in quotes.",
     .example = "trace live \"tcp port 80\" count 2 in lan",
     .terms = kLiveTerms,
     .method = control::method::kTraceLive,
     .schema = "trace",
     .event = live_trace_text},
    {.words = "trace pcap",
     .description = "what would happen to the packets of a capture",
     .details =
         "The packets are run, one after the other and in the capture's own time, through a gateway of their own with the rules "
         "in force, so that one packet opens the session that the next one needs; of the running gateway nothing changes. A "
         "frame enters "
         "by the interface whose MAC it is sent to, or, with `in`, by that one; what the gateway had sent itself is listed and "
         "not "
         "traced. The first 10000 packets and 16 MiB are read.",
     .example = "trace pcap capture.pcap in lan detail",
     .terms = kReplayTerms,
     .method = control::method::kReplayBegin,
     .schema = "trace-pcap",
     .converse = replay_capture,
     .text = replay_text},
});

}  // namespace

std::span<const Command> watching_commands() { return kWatchingCommands; }

}  // namespace hairpin::cli
