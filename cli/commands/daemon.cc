// The daemon itself, and what is answered without one.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/cleared_text.h"
#include "cli/command_table.h"
#include "cli/tech_support.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

std::string version_text(const json& result, const Style& style) {
    return fmt::format("hairpin {}, hairpind {}, pid {}, up {}, generation {}\n", HAIRPIN_VERSION, text_of(result, "version"),
                       text_of(result, "pid"), duration(result.value("uptime_seconds", json()), style),
                       text_of(result, "generation"));
}

std::string stopping_text(const json&, const Style&) { return "the daemon stops\n"; }

const auto kTopicTerms = std::to_array<Term>({{"", &value::kTopic, "topics", Term::How::repeated}});
// Of `help` and `lab`, which read their words themselves.
const auto kHelpTerms = std::to_array<Term>({{"", &value::kCommandWord, "command", Term::How::repeated}});
const auto kLabTerms =
    std::to_array<Term>({{"", &value::kLabVerb, "verb", Term::How::required}, {"", &value::kText, "words", Term::How::repeated}});

// A session's event in the words of its tuples; of any other, what it says of itself.
std::string event_line(const json& event, const Style& style) {
    std::string line = fmt::format("{}  {}", time_of_day(text_of(event, "time")), padded(text_of(event, "event"), 13));
    if (event.contains("original_source")) {
        line += fmt::format("  {} {}", text_of(event, "protocol"),
                            tuple_text(event, "original_source", "original_destination", style));
        line += fmt::format("  as {}", tuple_text(event, "translated_source", "translated_destination", style));
        if (const std::string rules = rules_text(event, ", "); !rules.empty()) line += "  by " + rules;
        if (const std::string why = text_of(event, "why"); !why.empty()) line += "  (" + style.fit(why) + ")";
        return line;
    }
    for (const auto& [key, value] : event.items())
        if (key != "time" && key != "event" && key != "description" && key != "last")
            line += fmt::format("  {} {}", style.fit(key), plain(value, style));
    if (const json last = event.value("last", json()); last.is_object()) line += "  last: " + style.fit(text_of(last, "packet"));
    if (const std::string description = text_of(event, "description"); !description.empty())
        line += "  (" + style.fit(description) + ")";
    return line;
}

json only_rates(json) { return {{"topics", {"rates"}}}; }

constexpr auto kRateColumns = std::to_array<Column>({
    {"kind", "KIND"},
    {"name", "NAME"},
    {"in_packets_per_second", "IN P/S", Align::right, rate},
    {"in_bits_per_second", "IN", Align::right, bit_rate},
    {"out_packets_per_second", "OUT P/S", Align::right, rate},
    {"out_bits_per_second", "OUT", Align::right, bit_rate},
    {"drops_per_second", "DROPS/S", Align::right, rate},
});

std::string rates_table(const json& event, const Style& style) {
    return time_of_day(text_of(event, "time")) + "\n" + render_table(kRateColumns, event.value("rows", json::array()), style);
}

constexpr auto kLogColumns = std::to_array<Column>({
    {"time", "TIME"},
    {"level", "LEVEL"},
    {"text", "EVENT"},
});
constexpr auto kLevels = std::to_array<Choice>({{"debug", ""}, {"info", ""}, {"warning", ""}, {"error", ""}});
const ValueType kLevel{.shape = "LEVEL", .description = "a level", .choices = kLevels};
const auto kLogTerms = std::to_array<Term>({
    {"lines", &value::kNumber, "lines", Term::How::optional, "only so many, the newest; else all that are kept, a thousand"},
    {"level", &kLevel, "level", Term::How::optional, "only of this level or worse"},
    {"rule", &value::kNumber, "rule", Term::How::optional, "only records of this rule, of firewall or NAT, that logs"},
});
constexpr char kLinesCleared[] = "line";

const ValueType kArchiveFile{.shape = "FILE", .description = "a file that is not there yet"};
const auto kTechTerms = std::to_array<Term>(
    {{"", &kArchiveFile, "file", Term::How::optional, "the archive; otherwise hairpin-tech-TIME.tar.gz, in this folder"}});

const auto kDaemonCommands = std::to_array<Command>({
    {.words = "monitor",
     .description = "events as they happen, until Ctrl-C",
     .details = "Without a topic all are shown. Each line begins with the time of day. `| match` and `| json` "
                "work on each line.",
     .example = "monitor sessions drops",
     .terms = kTopicTerms,
     .method = control::method::kMonitor,
     .schema = "event",
     .event = event_line},
    {.words = "monitor interfaces",
     .description = "what passes interfaces and ports, each second, until Ctrl-C",
     .details = "Packets and bits a second, measured by the daemon over the second before.",
     .example = "monitor interfaces",
     .method = control::method::kMonitor,
     .schema = "event",
     .parameters = only_rates,
     .event = rates_table},
    {.words = "show log",
     .description = "the newest lines of the daemon's log",
     .details = "A line is an event with its fields. The newest thousand are kept; `monitor log` shows them as they come. "
                "Rules that log write one line for each session that they let begin and each packet that they refuse, "
                "ACCEPT_3 or DROP_3 by the rule's number; `monitor rules` shows these alone.",
     .example = "show log lines 20",
     .terms = kLogTerms,
     .method = control::method::kShowLog,
     .schema = "log",
     .columns = kLogColumns,
     .nothing = "the log has no such lines"},
    {.words = "clear log",
     .description = "forget the lines that are kept",
     .details = "What the daemon wrote to its standard error stays there.",
     .example = "clear log",
     .method = control::method::kClearLog,
     .schema = "clear-log",
     .text = cleared_text<kLinesCleared>},
    {.words = "show version",
     .description = "what runs, and since when",
     .details = "The generation is the number of the configuration in force: 1 at the start, one more with each commit.",
     .example = "show version",
     .method = control::method::kVersion,
     .schema = "version",
     .text = version_text},
    {.words = "show tech",
     .description = "write all that can be shown into one archive",
     .details =
         "For somebody who is asked what is wrong and cannot look himself: what every `show` without words of its own says, "
         "as text and as JSON, and a few facts of the machine. Only its owner may read the file: it holds the configuration, "
         "addresses of sessions, and the log.",
     .example = "show tech office.tar.gz",
     .terms = kTechTerms,
     .method = control::method::kVersion,
     .schema = "tech",
     .converse = write_tech_support,
     .text = tech_support_text},
    {.words = "stop",
     .description = "stop the daemon",
     .details = "Sessions end with the daemon; commits are kept when it was started with --state. `lab down` stops a lab's "
                "daemon and removes its hosts as well.",
     .example = "stop",
     .method = control::method::kStop,
     .schema = "stop",
     .text = stopping_text},
    {.words = "lab",
     .description = "labs: topologies of hosts around a router",
     .details = "`hairpin lab VERB --help` lists what each verb takes. `hairpin lab shell NAME` without a node is this command "
                "line on the lab's gateway.",
     .example = "lab list",
     .terms = kLabTerms},
    {.words = "completion bash",
     .description = "what makes bash complete these commands",
     .details =
         "`eval \"$(hairpin completion bash)\"` in ~/.bashrc completes the words of `hairpin` with TAB, and "
         "the values that a running daemon knows; behind `lab` also topologies, and the labs, hosts and links that there are.",
     .example = "completion bash"},
    {.words = "completion zsh",
     .description = "what makes zsh complete these commands",
     .details = "`eval \"$(hairpin completion zsh)\"` in ~/.zshrc, behind compinit.",
     .example = "completion zsh"},
    {.words = "completion fish",
     .description = "what makes fish complete these commands",
     .details = "`hairpin completion fish | source` in ~/.config/fish/config.fish.",
     .example = "completion fish"},
    {.words = "help",
     .description = "this list, or help about one command",
     .details = "Of words that begin several commands it lists them. Commands of the configuration mode are explained as well.",
     .example = "help show sessions",
     .terms = kHelpTerms},
});

}  // namespace

std::span<const Command> daemon_commands() { return kDaemonCommands; }

}  // namespace hairpin::cli
