#include "cli/connectivity_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/cells.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr std::size_t kAnswerAt = 12;  // behind "  firewall  "

std::string fitted(const std::string& text, std::size_t indent, const Style& style) {
    return wrapped(style.fit(text), style.width > indent ? style.width - indent : 0, indent);
}

std::string line_of(const std::string& what, const std::string& text, const Style& style) {
    return padded("  " + what, kAnswerAt) + fitted(text, kAnswerAt, style) + "\n";
}

std::string rule_text(const json& rule) {
    const std::string name = text_of(rule, "name");
    return text_of(rule, "id") + (name.empty() ? "" : " \"" + name + "\"");
}

// As far as the packet came: by which interface and rules, and out.
std::string way_of(const json& answer, const Style& style) {
    std::string text;
    const std::string in = text_of(answer, "in_interface"), out = text_of(answer, "out_interface");
    if (!in.empty()) text += line_of("in", in, style);
    for (const json& rule : answer.value("rules", json::array())) text += line_of(text_of(rule, "kind"), rule_text(rule), style);
    if (out.empty()) return text;
    const std::string port = text_of(answer, "out_port");
    text += line_of("out", out + ", to " + text_of(answer, "next_hop") + (port.empty() ? "" : " at port " + port), style);
    if (is_no(answer)) return text;
    return text + line_of("answer",
                          fmt::format("in {}, to {}; out {}, from {}", out, address_of(text_of(answer, "translated_source")), in,
                                      address_of(text_of(answer, "destination"))),
                          style);
}

std::string remarks_of(const json& answer, const Style& style) {
    std::string text;
    for (const json& remark : answer.value("remarks", json::array())) text += line_of("note", remark.get<std::string>(), style);
    return text;
}

std::string suggestion_of(const json& suggestion, const Style& style) {
    const auto settings = suggestion.value("settings", std::uint64_t{1});
    std::string text =
        settings == 1
            ? "This allows it, typed in the configuration mode and committed:"
            : fmt::format("No single setting allows it. These {} together do, typed in the configuration mode and committed:",
                          settings);
    text = fitted(text, 0, style) + "\n";
    for (const json& line : suggestion.value("lines", json::array())) text += "  " + line.get<std::string>() + "\n";
    return text + remarks_of(suggestion, style);
}

}  // namespace

bool is_no(const json& answer) { return !answer.is_object() || answer.value("possible", json()) != true; }

std::string render_connectivity(const json& answer, const Style& style) {
    std::string text = fitted((is_no(answer) ? "no: " : "yes: ") + text_of(answer, "sentence"), 0, style) + "\n";
    text += way_of(answer, style) + remarks_of(answer, style);
    if (const json suggestion = answer.value("suggestion", json()); suggestion.is_object())
        text += suggestion_of(suggestion, style);
    if (const std::string why = text_of(answer, "no_suggestion"); !why.empty())
        text += fitted("Nothing to suggest: " + why, 0, style) + "\n";
    return text;
}

}  // namespace hairpin::cli
