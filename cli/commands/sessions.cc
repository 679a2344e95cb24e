// The sessions: what the gateway remembers of connections, and the four stages of one.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/cleared_text.h"
#include "cli/command_table.h"
#include "cli/stages_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;
using How = Term::How;

namespace {

// A session takes two lines or three: what goes there, and where it comes from and to, before and behind the gateway.
std::string two_lines(const json& row, const char* source, const char* destination, const Style& style) {
    return fmt::format("{}\n{} {}", style.fit(text_of(row, source)), style.arrow(), style.fit(text_of(row, destination)));
}
std::string original_cell(const json& row, const Style& style) {
    return two_lines(row, "original_source", "original_destination", style);
}
std::string translated_cell(const json& row, const Style& style) {
    return two_lines(row, "translated_source", "translated_destination", style);
}
std::string interfaces_cell(const json& row, const Style& style) {
    return style.fit("in " + text_of(row, "inbound")) + "\n" + style.fit("out " + text_of(row, "outbound"));
}
std::string protocol_cell(const json& row, const Style& style) {
    const json identifiers = row.value("identifiers", json());
    if (!identifiers.is_string()) return text_of(row, "protocol");
    const std::string text = text_of(row, "identifiers");
    const auto comma = text.find(", ");
    std::string cell = text_of(row, "protocol") + "\n" + style.fit(text.substr(0, comma));
    if (comma != std::string::npos) cell += "\n" + style.fit(text.substr(comma + 2));
    return cell;
}
// With the control session of an application layer gateway that has let it in, as far as it lives: "of 2, ftp".
std::string rules_cell(const json& row, const Style& style) {
    std::string text = rules_text(row, "\n");
    if (const std::string control = text_of(row, "related_to"); !control.empty())
        text += (text.empty() ? "of " : "\nof ") + control + ", " + style.fit(text_of(row, "alg"));
    return text.empty() ? "-" : text;
}
std::string packets_cell(const json& row, const Style&) {
    return text_of(row, "original_packets") + "\n" + text_of(row, "reply_packets");
}
std::string bytes_cell(const json& row, const Style& style) {
    return bytes(row.value("original_bytes", json()), style) + "\n" + bytes(row.value("reply_bytes", json()), style);
}
std::string idle_cell(const json& row, const Style& style) {
    constexpr std::int64_t kLongest = 1'000'000'000'000;  // whatever comes, a sum of two is a number
    const auto seconds = [&](const char* key) { return std::clamp<std::int64_t>(row.value(key, std::int64_t{0}), 0, kLongest); };
    return duration(row.value("idle_seconds", json()), style) + "\nof " +
           duration(seconds("idle_seconds") + seconds("expires_in_seconds"), style);
}

constexpr char kSessionsCleared[] = "session";

constexpr auto kSummaryColumns = std::to_array<Column>({
    {"protocol", "PROTOCOL"},
    {"state", "STATE"},
    {"sessions", "SESSIONS", Align::right},
    {"translated", "TRANSLATED", Align::right},
    {"packets", "PACKETS", Align::right},
    {"bytes", "BYTES", Align::right, bytes},
});

constexpr auto kTranslationColumns = std::to_array<Column>({
    {"protocol", "PROTOCOL"},
    {"original_source", "SOURCE"},
    {"translated_source", "TRANSLATED SOURCE"},
    {"original_destination", "DESTINATION"},
    {"translated_destination", "TRANSLATED DESTINATION"},
    {"snat_rule", "SNAT", Align::right},
    {"dnat_rule", "DNAT", Align::right},
    {"expires_in_seconds", "LEFT", Align::right, duration},
});

constexpr auto kSessionColumns = std::to_array<Column>({
    {"id", "ID", Align::right},
    {"", "PROTO", Align::left, protocol_cell},
    {"state", "STATE"},
    {"", "ORIGINAL", Align::left, original_cell},
    {"", "TRANSLATED", Align::left, translated_cell},
    {"", "INTERFACES", Align::left, interfaces_cell},
    {"", "RULES", Align::left, rules_cell},
    {"", "PACKETS", Align::right, packets_cell},
    {"", "BYTES", Align::right, bytes_cell},
    {"", "IDLE", Align::right, idle_cell},
});

constexpr auto kStates = std::to_array<Choice>({
    {"opening", "TCP before the handshake is done"},
    {"established", "TCP after it"},
    {"closing", "TCP, one side has closed"},
    {"closed", "TCP, both have closed"},
    {"reset", "TCP after a reset"},
    {"udp", "UDP that nobody has answered"},
    {"udp-stream", "UDP, both have sent"},
    {"icmp", "pings and other queries"},
    {"gre", "GRE that nobody has answered"},
    {"gre-stream", "GRE, both have sent"},
    {"esp", "IPsec"},
    {"sctp-opening", "SCTP before the association is up"},
    {"sctp-established", "SCTP while it is"},
    {"sctp-closing", "SCTP after a shutdown or an abort"},
    {"dccp-opening", "DCCP before the handshake is done"},
    {"dccp-established", "DCCP after it"},
    {"dccp-closing", "DCCP after a close or a reset"},
    {"other", "other protocols"},
});
constexpr auto kSessionProtocols = std::to_array<Choice>({
    {"tcp", ""},
    {"udp", ""},
    {"icmp", ""},
    {"udplite", ""},
    {"dccp", ""},
    {"sctp", ""},
    {"gre", ""},
    {"esp", ""},
    {"ah", ""},
});
const ValueType kProtocol{.shape = "PROTOCOL", .description = "a protocol", .choices = kSessionProtocols};
const ValueType kState{.shape = "STATE", .description = "a state", .choices = kStates};
const ValueType kRule{
    .shape = "RULE", .description = "a rule's number", .known_by = control::method::kShowNatRules, .known_in = "id"};

// What `show` and `clear` have in common.
const auto kFilterTerms = std::to_array<Term>({
    {"protocol", &kProtocol, "protocol", How::optional, "only of this protocol"},
    {"source", &value::kAddressOrEndpoint, "source", How::optional, "only from here"},
    {"destination", &value::kAddressOrEndpoint, "destination", How::optional, "only to there, as the client asked"},
    {"translated-source", &value::kAddressOrEndpoint, "translated_source", How::optional,
     "only those that the server sees from here"},
    {"translated-destination", &value::kAddressOrEndpoint, "translated_destination", How::optional, "only those that end there"},
    {"address", &value::kAddressOrEndpoint, "address", How::optional, "only with this address on any side"},
    {"state", &kState, "state", How::optional, "only in this state"},
    {"interface", &value::kInterface, "interface", How::optional, "only in or out by this interface"},
    {"rule", &kRule, "rule", How::optional, "only those that this rule acted on"},
    {"id", &value::kNumber, "id", How::optional, "only this one"},
    {"top", &value::kNumber, "top", How::optional, "only so many, those with the most bytes first"},
});
// All but `top`.
const std::span kClearSessionsTerms{kFilterTerms.data(), kFilterTerms.size() - 1};

const auto kTupleTerms = std::to_array<Term>({
    {"", &value::kProtocol, "protocol", How::required},
    {"", &value::kEndpoint, "source", How::required, "who began it, as 192.0.2.1:40000"},
    {"", &value::kEndpoint, "destination", How::required, "whom it asked for, as 203.0.113.80:80"},
});

json only_translated(json filter) {
    filter["translated"] = true;
    return filter;
}

std::string stages_text(const json& result, const Style& style) {
    return render_stages(result.value("stages", json::array()), result.value("session", json::object()), style);
}

constexpr auto kSynProxyColumns = std::to_array<Column>({
    {"answered", "ANSWERED", Align::right},
    {"returned", "RETURNED", Align::right},
    {"opened", "OPENED", Align::right},
    {"refused", "REFUSED", Align::right},
    {"silent", "SILENT", Align::right},
    {"waiting", "WAITING", Align::right},
});

const auto kSessionCommands = std::to_array<Command>({
    {.words = "show sessions",
     .description = "live sessions, both tuples side by side",
     .details =
         "ORIGINAL is the first packet's source and destination as it came in, TRANSLATED as it went out. "
         "INTERFACES are those by which it came and left, RULES those that acted on it: a mapping is one of that snat rule's, "
         "which "
         "has let it in, and below it stands the session that has announced it to an application layer gateway. PACKETS and "
         "BYTES "
         "have the client's direction above and the server's below. IDLE is how long it has been silent, of "
         "how long it may be. Below PROTO stands what tells sessions of a protocol without ports apart, or shows them in "
         "a capture: a call of PPTP, a key of GRE, SPIs, SCTP's tags. All conditions that are given must hold.",
     .example = "show sessions protocol tcp top 5",
     .terms = kFilterTerms,
     .method = control::method::kShowSessions,
     .schema = "sessions",
     .columns = kSessionColumns,
     .nothing = "no sessions"},
    {.words = "show sessions summary",
     .description = "how many sessions there are, by protocol and state",
     .details = "TRANSLATED counts those whose addresses or ports are changed on the way. PACKETS and BYTES are of "
                "both directions.",
     .example = "show sessions summary",
     .method = control::method::kShowSessionsSummary,
     .schema = "session-summary",
     .columns = kSummaryColumns,
     .nothing = "no sessions"},
    {.words = "show sessions syn-proxy",
     .description = "handshakes that the gateway has made for servers",
     .details = "Of firewall rules with `syn-proxy`. ANSWERED are SYNs, each by a cookie that takes no room; RETURNED the "
                "cookies that came "
                "back: sessions that began. OPENED are those whose server has answered, REFUSED those that it reset. SILENT "
                "servers never "
                "answered, and their clients were refused after half a minute; WAITING are asked still.",
     .example = "show sessions syn-proxy",
     .method = control::method::kShowSessionsSynProxy,
     .schema = "sessions-syn-proxy",
     .columns = kSynProxyColumns,
     .nothing = "no firewall rule has syn-proxy"},
    {.words = "show nat translations",
     .description = "what live sessions are translated to",
     .details = "Sessions that are not translated are left out. SNAT and DNAT are the rules that did it, and LEFT "
                "is how long the session still lives if no packet comes.",
     .example = "show nat translations",
     .terms = kFilterTerms,
     .method = control::method::kShowSessions,
     .schema = "sessions",
     .parameters = only_translated,
     .columns = kTranslationColumns,
     .nothing = "nothing is translated"},
    {.words = "show stages",
     .description = "the four stages of a live session",
     .details = "Stage 1 is the client's packet as it comes to the gateway, stage 2 as it goes on to the server, "
                "with the rules that acted; stage 3 is the answer, stage 4 what the client gets. Of several "
                "sessions the youngest is meant. What a packet without a session would do, `trace` tells.",
     .example = "show stages tcp 192.168.255.2:40000 203.0.113.80:80",
     .terms = kTupleTerms,
     .method = control::method::kSessionStages,
     .schema = "stages",
     .text = stages_text},
    {.words = "clear sessions",
     .description = "end these sessions, or all",
     .details = "Packets that come later begin new sessions, if the rules let them; a TCP connection in its midst "
                "cannot. Without a condition all sessions end.",
     .example = "clear sessions source 192.168.255.2",
     .terms = kClearSessionsTerms,
     .method = control::method::kClearSessions,
     .schema = "clear-sessions",
     .text = cleared_text<kSessionsCleared>},
});

}  // namespace

std::span<const Command> session_commands() { return kSessionCommands; }

}  // namespace hairpin::cli
