#include "cli/stages_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/cells.h"
#include "cli/stages_drawing.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

struct StageLine {
    std::string number, source, destination, direction, interface, title, rules;
};

// A line a stage.
std::string list_stages(const json& stages, const json& rules, const Style& style) {
    std::vector<StageLine> lines;
    std::size_t source_width = 0, destination_width = 0, interface_width = 0, note_width = 0;
    for (const json& stage : stages) {
        const StageLine& line = lines.emplace_back(StageLine{
            "stage " + text_of(stage, "number"), style.fit(text_of(stage, "source")), style.fit(text_of(stage, "destination")),
            text_of(stage, "direction"), style.fit(text_of(stage, "interface")), style.fit(text_of(stage, "title")),
            fmt::format("{}", fmt::join(rules_at(stage, rules), ", "))});
        source_width = std::max(source_width, line.source.size());
        destination_width = std::max(destination_width, line.destination.size());
        interface_width = std::max(interface_width, line.interface.size());
        note_width = std::max(note_width, columns_of(line.rules.empty() ? line.title : line.rules));
    }

    std::string text;
    for (const StageLine& line : lines) {
        const std::string begin = fmt::format("  {}  {} {} ", line.number, padded(line.source, source_width), style.arrow());
        const std::string tuple = begin + padded(line.destination, destination_width);
        const std::string way = fmt::format("{} {}", padded(line.direction, 3), padded(line.interface, interface_width));
        const std::string& note = line.rules.empty() ? line.title : line.rules;
        const std::size_t way_at = columns_of(tuple) + 2, note_at = way_at + columns_of(way) + 2;
        constexpr std::size_t kUnderSource = 11;
        const auto below = [&](const std::string& what) {
            return "\n" + std::string(kUnderSource, ' ') +
                   wrapped(what, style.width > kUnderSource ? style.width - kUnderSource : 1, kUnderSource);
        };
        if (style.fits(note_at + note_width))
            text += tuple + "  " + way + "  " + note + "\n";
        else if (style.fits(way_at + columns_of(way)))
            text += tuple + "  " + way + below(note) + "\n";
        else
            text += begin + line.destination + below(line.direction + " " + line.interface + ", " + note) + "\n";
    }
    return text;
}

}  // namespace

std::string render_stages(const json& stages, const json& rules, const Style& style) {
    const std::string drawing = draw_stages(stages, rules, style);
    if (drawing.empty()) return list_stages(stages, rules, style);
    return style.width == 0 ? list_stages(stages, rules, style) + "\n" + drawing : drawing;
}

}  // namespace hairpin::cli
