// What the gateway asks the network itself, as any host could: who is there, and by which way.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;
using How = Term::How;

namespace {

const auto kPingTerms = std::to_array<Term>({
    {"", &value::kAddress, "address", How::required, "whom to ask"},
    {"count", &value::kNumber, "count", How::optional, "how many; 5 otherwise"},
    {"interval", &value::kNumber, "interval", How::optional, "milliseconds between two; 1000 otherwise"},
    {"size", &value::kNumber, "size", How::optional, "bytes of data; 56 otherwise"},
    {"ttl", &value::kNumber, "ttl", How::optional, "how many routers it may pass; 64 otherwise"},
    {"source", &value::kAddress, "source", How::optional, "one of the gateway's own addresses; else that of the way there"},
    {"df", nullptr, "df", How::optional, "it must not be fragmented"},
});

const auto kTracerouteTerms = std::to_array<Term>({
    {"", &value::kAddress, "address", How::required, "where the way leads"},
    {"hops", &value::kNumber, "hops", How::optional, "routers at most; 30 otherwise"},
    {"source", &value::kAddress, "source", How::optional, "one of the gateway's own addresses; else that of the way there"},
});

const auto kArpingTerms = std::to_array<Term>({
    {"", &value::kAddress, "address", How::required, "which address"},
    {"count", &value::kNumber, "count", How::optional, "how many requests, one a second; 3 otherwise"},
    {"interface", &value::kInterface, "interface", How::optional, "the link to ask; else the one whose subnet it is in"},
});

std::string lost(const json& end) {
    const auto sent = end.value("sent", std::uint64_t{0}), received = end.value("received", std::uint64_t{0});
    return fmt::format("{} sent, {} received, {} % lost", sent, received,
                       sent == 0 ? 0 : 100 * (sent - std::min(sent, received)) / sent);
}

std::string ping_line(const json& event, const Style& style) {
    const std::string what = text_of(event, "event"), sequence = text_of(event, "sequence");
    if (what == "ping_reply")
        return fmt::format("{} bytes from {}: seq={} ttl={} time={}", text_of(event, "bytes"), text_of(event, "from"), sequence,
                           text_of(event, "ttl"), milliseconds(event.value("time_us", json()), style));
    if (what == "ping_error")
        return fmt::format("from {}: seq={} {}", text_of(event, "from"), sequence, style.fit(text_of(event, "error")));
    if (what == "ping_timeout") return fmt::format("seq={} no answer", sequence);
    std::string line = fmt::format("--- {} from {}: {}", text_of(event, "address"), text_of(event, "source"), lost(event));
    if (!event.value("min_us", json()).is_null())
        line += fmt::format(", round trip {:.2f}/{:.2f}/{:.2f} ms (min/avg/max)", event.value("min_us", 0.0) / 1000,
                            event.value("avg_us", 0.0) / 1000, event.value("max_us", 0.0) / 1000);
    return line;
}

// " 2  198.51.100.1  0.31 ms  0.28 ms  *": an address is said once, as long as it stays the same.
std::string hop_line(const json& event, const Style& style) {
    if (text_of(event, "event") == "traceroute_end")
        return fmt::format("--- {} {} after {} hops", text_of(event, "address"),
                           event.value("reached", false) ? "reached" : "not reached", text_of(event, "hops"));
    std::string line = fmt::format("{:>2}", text_of(event, "hop")), last;
    for (const json& answer : event.value("answers", json::array())) {
        if (!answer.is_object()) {
            line += "  *";
            continue;
        }
        if (const std::string from = text_of(answer, "from"); from != last) line += "  " + (last = from);
        line += "  " + milliseconds(answer.value("time_us", json()), style);
        if (const std::string error = text_of(answer, "error"); !error.empty()) line += " " + style.fit(error);
    }
    return line;
}

std::string arping_line(const json& event, const Style& style) {
    const std::string what = text_of(event, "event");
    if (what == "arp_reply")
        return fmt::format("{} is at {}: seq={} time={}", text_of(event, "from"), text_of(event, "mac"),
                           text_of(event, "sequence"), milliseconds(event.value("time_us", json()), style));
    if (what == "arping_timeout") return fmt::format("seq={} no answer", text_of(event, "sequence"));
    return fmt::format("--- {}: {} sent, {} received", text_of(event, "address"), text_of(event, "sent"),
                       text_of(event, "received"));
}

const auto kNetworkCommands = std::to_array<Command>({
    {.words = "ping",
     .description = "ask an address whether it is there",
     .details =
         "The gateway sends ICMP echo requests of its own and prints each answer, error and silence, then the sums. They are "
         "sessions like any others (show sessions interface vse). Ends after `count` or with Ctrl-C; fails when nothing answers.",
     .example = "ping 198.51.100.10 count 2 interval 200",
     .needs_hosts = true,
     .terms = kPingTerms,
     .method = control::method::kPing,
     .schema = "ping",
     .event = ping_line},
    {.words = "traceroute",
     .description = "ask which routers are on the way to an address",
     .details = "Three ICMP echo requests for each hop; a * is one that nobody answered within two seconds.",
     .example = "traceroute 198.51.100.10 hops 5",
     .needs_hosts = true,
     .terms = kTracerouteTerms,
     .method = control::method::kTraceroute,
     .schema = "traceroute",
     .event = hop_line},
    {.words = "arping",
     .description = "ask a link who has an address",
     .details =
         "Each station that answers is printed with its Ethernet address, so two stations with one address show themselves.",
     .example = "arping 192.168.255.10 count 1",
     .needs_hosts = true,
     .terms = kArpingTerms,
     .method = control::method::kArping,
     .schema = "arping",
     .event = arping_line},
});

}  // namespace

std::span<const Command> network_commands() { return kNetworkCommands; }

}  // namespace hairpin::cli
