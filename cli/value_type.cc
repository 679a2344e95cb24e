#include "cli/value_type.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/json_file.h"
#include "control/protocol.h"
#include "net/drop_reason.h"
#include "net/numbers.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

Outcome<json> read_number(const std::string& text) {
    const auto number = parse_number(text, 0xffff'ffff);
    if (!number) return misused("\"" + text + "\" is no number");
    return json(*number);
}

// "7d", "2h", "30m", "90s", or seconds alone.
Outcome<json> read_duration(const std::string& text) {
    struct Unit {
        char letter;
        std::uint64_t seconds;
    };
    constexpr auto kUnits = std::to_array<Unit>({{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}});
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& row) { return !text.empty() && text.back() == row.letter; });
    const auto number = parse_number(unit == kUnits.end() ? text : text.substr(0, text.size() - 1), 1'000'000'000);
    if (!number) return misused("\"" + text + "\" is no duration: a number with s, m, h, d or w behind it, as 7d");
    return json(*number * (unit == kUnits.end() ? 1 : unit->seconds));
}

// What is asked of a port says the protocol, too.
Outcome<json> read_service(const std::string& text, const char* protocol) {
    const auto port = parse_number(text, 65535);
    if (!port || *port == 0) return misused("\"" + text + "\" is no port: 1 to 65535");
    return json{{"protocol", protocol}, {"port", *port}};
}
Outcome<json> read_tcp_port(const std::string& text) { return read_service(text, "tcp"); }
Outcome<json> read_udp_port(const std::string& text) { return read_service(text, "udp"); }

constexpr auto kProtocols = std::to_array<Choice>({
    {"tcp", ""},
    {"udp", ""},
    {"icmp", ""},
});

constexpr auto kTopics = std::to_array<Choice>({
    {"sessions", "sessions that open and close"},
    {"drops", "packets that are dropped, by reason"},
    {"ports", "ports that come and go"},
    {"switch", "storms and loops at the switch's ports, stations that flap"},
    {"neighbors", "neighbours that are learned, move, fail or claim an address of the gateway"},
    {"configuration", "commits, confirmations and what is undone"},
    {"rules", "what rules that log decide, and schedules that begin and end"},
    {"log", "lines of the daemon's log; only where it is named"},
});

constexpr auto kDropReasonWords = [] {
    std::array<Choice, kDropReasonCount> words;
    for (std::size_t i = 0; i < words.size(); ++i) words.at(i) = {kDropReasons[i].name, kDropReasons[i].description};
    return words;
}();

}  // namespace

std::vector<std::string> words_of(std::span<const Choice> choices) {
    std::vector<std::string> words;
    for (const Choice& choice : choices) words.emplace_back(choice.word);
    return words;
}

Expectations expected_of(std::span<const Choice> choices) {
    Expectations expected;
    for (const Choice& choice : choices) expected.push_back({std::string{choice.word}, std::string{choice.description}});
    return expected;
}

namespace value {
namespace method = control::method;

const ValueType kNumber{.shape = "NUMBER", .description = "a number", .read = read_number};
const ValueType kDuration{.shape = "DURATION", .description = "a span of time, as 90s, 30m, 2h or 7d", .read = read_duration};
const ValueType kProtocol{.shape = "PROTOCOL", .description = "a protocol", .choices = kProtocols};
const ValueType kEndpoint{.shape = "ADDRESS:PORT", .description = "an address and a port, as 203.0.113.80:80"};
const ValueType kAddressOrEndpoint{.shape = "ADDRESS[:PORT]",
                                   .description = "an address, as 192.0.2.1, or with a port, as 192.0.2.1:80",
                                   .known_by = method::kShowArp,
                                   .known_in = "address"};
const ValueType kAddress{
    .shape = "ADDRESS", .description = "an IPv4 address", .known_by = method::kShowArp, .known_in = "address"};
const ValueType kMac{.shape = "MAC", .description = "an Ethernet address, as 02:00:00:00:00:01"};
const ValueType kInterface{
    .shape = "INTERFACE", .description = "an interface of the gateway", .known_by = method::kShowInterfaces, .known_in = "name"};
const ValueType kSegment{
    .shape = "SEGMENT", .description = "a segment of the switch", .known_by = method::kShowPorts, .known_in = "segment"};
const ValueType kPort{.shape = "PORT", .description = "a port of the switch", .known_by = method::kShowPorts, .known_in = "name"};
const ValueType kNewName{.shape = "NAME", .description = "a name that is not taken yet"};
const ValueType kDevice{.shape = "DEVICE", .description = "a network device's name, at most 15 characters"};
const ValueType kNamespace{.shape = "NAMESPACE", .description = "a network namespace, as ip netns lists it"};
const ValueType kAddressWithLength{.shape = "ADDRESS/LENGTH", .description = "an address with its subnet, as 192.0.2.1/24"};
const ValueType kTcpFlags{.shape = "FLAGS", .description = "of syn, ack, fin, rst and psh, joined by commas"};
const ValueType kJsonFile{.shape = "FILE", .description = "a file with JSON; - is standard input", .read = read_json_file};
const ValueType kTopic{.shape = "TOPIC", .description = "what to watch", .choices = kTopics};
const ValueType kFilter{
    .shape = "FILTER", .description = "which packets, in tcpdump's language and in quotes, as \"tcp port 80\"", .of_words = true};
const ValueType kCaptureFile{.shape = "FILE", .description = "a capture, pcap or pcapng, as tcpdump writes it"};
const ValueType kDropReason{.shape = "REASON", .description = "a reason to drop a packet", .choices = kDropReasonWords};
const ValueType kCommandWord{.shape = "COMMAND", .description = "a command's words"};
const ValueType kLabVerb{.shape = "VERB", .description = "what to do with a lab; `hairpin lab --help` lists them"};
const ValueType kHost{.shape = "HOST",
                      .description = "an address, as 192.0.2.1, or a port of the switch, for who is behind it",
                      .known_by = method::kShowPorts,
                      .known_in = "name"};
const ValueType kTcpPort{.shape = "PORT", .description = "a port of TCP, 1 to 65535", .read = read_tcp_port};
const ValueType kUdpPort{.shape = "PORT", .description = "a port of UDP, 1 to 65535", .read = read_udp_port};
const ValueType kText{.shape = "TEXT", .description = "a text", .of_words = true};

}  // namespace value
}  // namespace hairpin::cli
