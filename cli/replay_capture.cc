#include "cli/replay_capture.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/capture_file.h"
#include "cli/trace_text.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

namespace method = control::method;

json frame_parameter(const CapturedFrame& frame) {
    std::string digits;
    digits.reserve(2 * frame.bytes.size());
    for (const char byte : frame.bytes) fmt::format_to(std::back_inserter(digits), "{:02x}", static_cast<unsigned char>(byte));
    return {{"time", frame.nanoseconds}, {"length", frame.length}, {"bytes", std::move(digits)}};
}

// What the daemon allows, as it said when it began.
struct Bounds {
    std::uint64_t at_once, frames, bytes;
    explicit Bounds(const json& begun)
        : at_once(begun.value("frames_at_once", std::uint64_t{1})),
          frames(begun.value("most_frames", std::uint64_t{0})),
          bytes(begun.value("most_bytes", std::uint64_t{0})) {}
};

// Reads on until it has as many as go at once, the bounds are reached, or nothing more comes.
class Portions {
public:
    Portions(CaptureFile file, Bounds bounds) : file_(std::move(file)), bounds_(bounds) {}

    json next() {
        json frames = json::array();
        while (!over_ && frames.size() < bounds_.at_once) {
            auto frame = file_.next();
            if (!frame || !*frame) {
                if (!frame) failure_ = frame.error().sentence;
                over_ = true;
                break;
            }
            bytes_ += (*frame)->bytes.size();
            if (++count_ > bounds_.frames || bytes_ > bounds_.bytes) {
                incomplete_ = fmt::format("only the first {} packets were traced: at most {}, and {} bytes", count_ - 1,
                                          bounds_.frames, bounds_.bytes);
                over_ = true;
                break;
            }
            frames.push_back(frame_parameter(**frame));
        }
        return frames;
    }
    const std::string& incomplete() const { return incomplete_; }
    const std::string& failure() const { return failure_; }

private:
    CaptureFile file_;
    Bounds bounds_;
    std::uint64_t count_ = 0, bytes_ = 0;
    bool over_ = false;
    std::string incomplete_, failure_;
};

// Why a packet is not traced, for people.
std::string not_traced(const std::string& word) {
    if (word == "from-gateway") return "sent by the gateway";
    if (word == "for-others") return "for others";
    if (word == "cut-off") return "captured only in part";
    return word;
}

std::string number(const json& row, const Style&) { return text_of(row, "number"); }
std::string time(const json& row, const Style&) { return time_of_day(text_of(row, "time")); }
std::string verdict(const json& row, const Style& style) {
    if (const std::string why = text_of(row, "not_traced"); !why.empty()) return "(" + not_traced(why) + ")";
    const std::string reason = text_of(row, "drop_reason");
    return style.fit(reason.empty() ? text_of(row, "verdict") : reason);
}
std::string rules(const json& row, const Style&) {
    const std::string text = rules_text(row, ", ");
    return text.empty() ? "-" : text;
}
std::string sent_as(const json& row, const Style& style) {
    return text_of(row, "translated_source").empty() ? "-"
                                                     : tuple_text(row, "translated_source", "translated_destination", style);
}

constexpr auto kColumns = std::to_array<Column>({
    {"number", "#", Align::right},
    {"", "TIME", Align::left, time},
    {"packet", "PACKET"},
    {"in_interface", "IN"},
    {"", "VERDICT", Align::left, verdict},
    {"", "RULES", Align::left, rules},
    {"", "SENT AS", Align::left, sent_as},
    {"out_interface", "OUT"},
});

std::string detail_of(const json& row, const Style& style) {
    const std::string heading =
        fmt::format("{}  {}  {}", number(row, style), time(row, style), style.fit(text_of(row, "packet")));
    if (!text_of(row, "not_traced").empty()) return heading + "  " + verdict(row, style) + "\n\n";
    return fmt::format("{}  in {}\n{}\n", heading, style.fit(text_of(row, "in_interface")), render_steps(row, style));
}

}  // namespace

Outcome<json> replay_capture(const json& parameters, const Ask& ask) {
    auto file = CaptureFile::open(parameters.value("file", ""));
    if (!file) return wrong_at(0, file.error());
    json question = json::object();
    for (const char* key : {"interface", "config"})
        if (parameters.contains(key)) question[key] = parameters[key];
    const auto begun = ask(method::kReplayBegin, question);
    if (!begun) return begun;

    const json replay = begun->value("replay", json());
    Portions portions{std::move(*file), Bounds{*begun}};
    json rows = json::array();
    for (json frames = portions.next(); !frames.empty(); frames = portions.next()) {
        const auto played = ask(method::kReplayFrames, {{"replay", replay}, {"frames", std::move(frames)}});
        if (!played) return played;
        for (const json& row : played->value("rows", json::array())) rows.push_back(row);
    }
    if (const auto ended = ask(method::kReplayEnd, {{"replay", replay}}); !ended) return ended;

    json result{{"rows", std::move(rows)}};
    if (parameters.value("detail", false)) result["detail"] = true;
    if (!portions.incomplete().empty()) result["incomplete"] = portions.incomplete();
    if (!portions.failure().empty()) result["failure"] = portions.failure();
    return result;
}

std::string replay_text(const json& result, const Style& style) {
    const json rows = result.value("rows", json::array());
    std::string text;
    if (rows.empty())
        text = "the capture has no packets\n";
    else if (!result.value("detail", false))
        text = render_table(kColumns, rows, style);
    else
        for (const json& row : rows) text += detail_of(row, style);
    if (const std::string incomplete = text_of(result, "incomplete"); !incomplete.empty()) text += style.fit(incomplete) + "\n";
    return text;
}

}  // namespace hairpin::cli
