// The packets: what became of them, and what would become of one.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "cli/connectivity_text.h"
#include "cli/trace_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

using How = Term::How;
using nlohmann::json;

namespace {

constexpr auto kCounterColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"value", "VALUE", Align::right},
    {"description", "DESCRIPTION"},
});

// "workstation", or what of the gateway it is: "gateway lan".
std::string where(const json& drop, const Style& style) {
    if (const std::string port = text_of(drop, "port"); !port.empty()) return style.fit(port);
    const std::string interface = text_of(drop, "interface");
    return interface.empty() ? "-" : "gateway " + style.fit(interface);
}
std::string packet_text(const json& drop, const Style& style) {
    const std::string packet = text_of(drop, "packet");
    return packet.empty() ? "(nobody had it in hand)" : style.fit(packet);
}

// The last packet of a reason, and what the reason means.
std::string last_where(const json& row, const Style& style) { return where(row.value("last", json::object()), style); }
std::string last_packet(const json& row, const Style& style) {
    const std::string description = style.fit(text_of(row, "description"));
    return row.contains("last") ? packet_text(row["last"], style) + "\n(" + description + ")" : description;
}

constexpr auto kDropColumns = std::to_array<Column>({
    {"reason", "REASON"},
    {"packets", "PACKETS", Align::right},
    {"last_seconds_ago", "LAST", Align::right, ago},
    {"", "CAME IN", Align::left, last_where},
    {"", "LAST PACKET", Align::left, last_packet},
});

std::string drop_time(const json& row, const Style&) { return time_of_day(text_of(row, "time")); }

constexpr auto kRecentDropColumns = std::to_array<Column>({
    {"", "TIME", Align::left, drop_time},
    {"reason", "REASON"},
    {"", "CAME IN", Align::left, where},
    {"", "PACKET", Align::left, packet_text},
});

const auto kRecentDropTerms = std::to_array<Term>({
    {"", &value::kNumber, "count", How::optional, "how many, the newest first; 20 otherwise"},
    {"reason", &value::kDropReason, "reason"},
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

const auto kConnectivityTerms = std::to_array<Term>({
    {"from", &value::kHost, "source", How::required, "who begins: an address, or a port of the switch, for who is behind it"},
    {"to", &value::kHost, "destination", How::required, "whom it asks for: an address, as 203.0.113.80, or a port of the switch"},
    {"tcp", &value::kTcpPort, "service", How::required, "a TCP connection to this port"},
    {"udp", &value::kUdpPort, "service", How::required, "a UDP datagram to this port"},
    {"icmp", nullptr, "service", How::required, "a ping"},
    {"in", &value::kInterface, "interface", How::optional,
     "the interface by which it enters the gateway; otherwise the one by which the route leads back"},
});

// "tcp 80" is one parameter to the language, and two to the daemon.
nlohmann::json with_service(nlohmann::json terms) {
    const nlohmann::json service = terms["service"];
    terms.erase("service");
    if (service.is_object())
        terms.update(service);
    else
        terms["protocol"] = "icmp";
    return terms;
}

nlohmann::json packets_alone(nlohmann::json) { return {{"what", "packets"}}; }

const auto kPacketCommands = std::to_array<Command>({
    {.words = "clear counters",
     .description = "count from now on",
     .details =
         "What is shown is what has been counted since; the packet ledger itself never goes back, so that its balance holds.",
     .example = "clear counters",
     .terms = kClearTerms,
     .method = control::method::kClearCounters,
     .schema = "clear-counters",
     .text = counted_anew},
    {.words = "clear drops",
     .description = "count dropped packets from now on, and all packets with them",
     .details =
         "It is `clear counters packets`: packets that came, went and were dropped are counted from the same moment, so that "
         "the balance of `show counters` holds. `show drops recent` keeps what it has.",
     .example = "clear drops",
     .method = control::method::kClearCounters,
     .schema = "clear-drops",
     .parameters = packets_alone,
     .text = counted_anew},
    {.words = "trace",
     .description = "what would happen to a packet, step by step, and to its reply",
     .details = "The datapath itself decides, with its side effects off: no packet is sent, no session made, no "
                "counter moved. Each step says what was looked at, which rule decided, and what became of the "
                "addresses; => is the verdict. Of a packet that is forwarded the reply's way follows, and the four "
                "stages. In the configuration mode the same words ask the candidate.",
     .example = "trace tcp 192.168.255.2:40000 203.0.113.80:80 in lan",
     .terms = kTraceTerms,
     .method = control::method::kTrace,
     .schema = "trace",
     .text = render_trace},
    {.words = "test connectivity",
     .description = "whether a host can reach another through the gateway, and what would allow it",
     .details = "The datapath itself decides about a new connection's first packet and the answer to it; nothing is sent and "
                "nothing changes. The answer names the rules that act and where it ends. When it cannot be, changes are tried "
                "on a copy of the configuration, the smallest first, and those that make both directions pass are told as "
                "lines to type in the configuration mode. It ends with status 0 for yes and 1 for no. Whether somebody "
                "listens at the other end only a real packet can tell.",
     .example = "test connectivity from workstation to 203.0.113.80 tcp 80",
     .terms = kConnectivityTerms,
     .method = control::method::kTestConnectivity,
     .schema = "connectivity",
     .parameters = with_service,
     .text = render_connectivity,
     .is_no = is_no},
    {.words = "show counters",
     .description = "the packet ledger and its balance",
     .details = "What came in, was made or was copied is equal to what went out, was taken in, was dropped or "
                "waits. The balance is the difference: 0, or there is a bug.",
     .example = "show counters",
     .method = control::method::kShowCounters,
     .schema = "counters",
     .columns = kCounterColumns,
     .nothing = "no counters"},
    {.words = "show drops",
     .description = "dropped packets by reason, with the last one of each",
     .details =
         "Every packet that goes nowhere is counted by its reason. Of each reason the last packet is shown: how long ago it was, "
         "where it came in, and what it was.",
     .example = "show drops",
     .method = control::method::kShowDrops,
     .schema = "drops",
     .columns = kDropColumns,
     .nothing = "no packet has been dropped"},
    {.words = "show drops recent",
     .description = "the packets that were dropped last, one a line",
     .details =
         "The newest of the last 512 drops that are kept, with the time, the reason, where each came in and what it was. With a "
         "reason, only those; of a rare one the last is known also when it was longer ago. As JSON each has its first 128 bytes.",
     .example = "show drops recent 10 reason firewall-denied",
     .terms = kRecentDropTerms,
     .method = control::method::kShowDropsRecent,
     .schema = "drops-recent",
     .columns = kRecentDropColumns,
     .nothing = "no packet has been dropped, or none for that reason"},
});

}  // namespace

std::span<const Command> packet_commands() { return kPacketCommands; }

}  // namespace hairpin::cli
