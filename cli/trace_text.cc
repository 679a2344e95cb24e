#include "cli/trace_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/cells.h"
#include "cli/stages_text.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr std::size_t kNumberWidth = 4;
constexpr std::size_t kStageWidth = 8;  // of "transmit", the longest of those that are common
constexpr std::size_t kStepAt = kNumberWidth + 2 + kStageWidth + 2;

// "tcp 192.0.2.1:40000 -> 192.0.2.80:80", as the daemon writes a tuple.
struct TupleText {
    std::string source, destination;

    static TupleText read(const std::string& text) {
        const auto space = text.find(' '), arrow = text.find(" -> ");
        if (space == std::string::npos || arrow == std::string::npos || arrow <= space) return {};
        return {text.substr(space + 1, arrow - space - 1), text.substr(arrow + 4)};
    }
};

// A line for each half of the tuple that the step changed.
std::string changes_of(const json& step, const Style& style) {
    const TupleText before = TupleText::read(text_of(step, "before")), after = TupleText::read(text_of(step, "after"));
    if (before.source.empty() || after.source.empty()) return {};
    std::string text;
    const auto change = [&](const char* what, const std::string& from, const std::string& to) {
        if (from == to) return;
        const std::string line = fmt::format("{} {} {} {}", what, from, style.arrow(), to);
        const bool fits = style.fits(kStepAt + columns_of(line));
        const std::string below =
            fmt::format("{} {}\n{:{}}{} {}", what, from, "", kStepAt + std::string_view{what}.size() - 1, style.arrow(), to);
        text += std::string(kStepAt, ' ') + (fits ? line : below) + "\n";
    };
    change("source     ", before.source, after.source);
    change("destination", before.destination, after.destination);
    return text;
}

std::string steps_text(const json& way, const Style& style) {
    std::string text;
    std::size_t number = 0;
    const std::size_t room = style.width > kStepAt ? style.width - kStepAt : style.width;
    for (const json& step : way.value("steps", json::array())) {
        text += fmt::format("{:>{}}  {}  {}\n", ++number, kNumberWidth, padded(text_of(step, "stage"), kStageWidth),
                            wrapped(style.fit(text_of(step, "text")), room, kStepAt));
        text += changes_of(step, style);
    }
    return text;
}

// "forwarded", "dropped: firewall-denied".
std::string verdict_in(const json& way) {
    std::string text = text_of(way, "verdict");
    if (const std::string reason = text_of(way, "drop_reason"); !reason.empty()) text += ": " + reason;
    return text;
}

// ", out lan to 192.168.255.10 at port webserver": where it leaves.
std::string exit_of(const json& trace, const Style& style) {
    std::string text;
    if (const std::string out = text_of(trace, "out_interface"); !out.empty()) text += ", out " + out;
    if (const std::string next_hop = text_of(trace, "next_hop"); !next_hop.empty()) text += " to " + next_hop;
    if (const std::string port = text_of(trace, "out_port"); !port.empty()) text += " at port " + port;
    return style.fit(text);
}

// Of a trace under rules that are not in force: what those in force do otherwise.
std::string differences_of(const json& trace, const Style& style) {
    const auto differences = trace.find("differences");
    if (differences == trace.end()) return "";
    std::string text = "\nAgainst the configuration in force\n";
    for (const json& line : *differences) text += "  " + style.fit(line.get<std::string>()) + "\n";
    return differences->empty() ? text + "  no difference\n" : text;
}

std::string journey_of(const json& trace, const Style& style) {
    std::string text = "The packet's way\n" + render_steps(trace, style);
    // One that has passed already has had no answer yet.
    if (const json reply = trace.value("reply", json()); reply.is_object()) {
        text += "\nThe reply's way\n" + steps_text(reply, style);
        text += fmt::format("  => {}\n", verdict_in(reply));
    }
    const json stages = trace.value("stages", json::array());
    if (!stages.empty()) text += "\nThe four stages\n" + render_stages(stages, trace, style);
    return text;
}

}  // namespace

std::string render_steps(const json& trace, const Style& style) {
    return steps_text(trace.value("original", json::object()), style) +
           fmt::format("  => {}{}\n", verdict_in(trace), exit_of(trace, style));
}

std::string render_trace(const json& trace, const Style& style) {
    return journey_of(trace, style) + differences_of(trace, style);
}

}  // namespace hairpin::cli
