#include "cli/output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/cells.h"
#include "config/candidate/candidate.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// The result's own keys behind the name of their schema, which changes when a key does.
std::string json_text(const Command& command, const json& result) {
    nlohmann::ordered_json document;
    document["schema"] = "hairpin." + std::string{command.schema} + "/1";
    if (result.is_object())
        for (const auto& [key, value] : result.items()) document[key] = value;
    else
        document["result"] = result;
    return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

// The rows of a table; what answers about one thing alone has a "row".
json rows_in(const json& result) {
    if (result.contains("rows")) return result["rows"];
    return result.contains("row") ? json::array({result["row"]}) : json::array();
}

std::string text_in_form(const Command& command, const json& result, Form form, const Style& style) {
    if (form == Form::set && result.contains("config"))
        if (const auto configuration = config::Candidate::from_json(result["config"].dump())) return configuration->as_set();
    if (command.text != nullptr) return command.text(result, style);
    const json rows = rows_in(result);
    return (rows.empty() ? std::string{command.nothing} + "\n" : render_table(command.columns, rows, style)) +
           (command.below != nullptr ? command.below(result) : "");
}

}  // namespace

std::string render(const Command& command, const json& result, Form form, const Style& style) {
    try {
        if (form != Form::json_document) return printable(text_in_form(command, result, form, style));
    } catch (const json::exception&) {
    }
    return json_text(command, result);
}

std::string render_event(const Command& command, const json& event, Form form, const Style& style) {
    try {
        if (form != Form::json_document) return printable(command.event(event, style));
    } catch (const json::exception&) {
    }
    return event.dump(-1, ' ', false, json::error_handler_t::replace);
}

Outcome<void> verdict_on(const Command& command, const json& result) {
    if (command.is_no != nullptr && command.is_no(result)) return failed_with(ExitCode::failed, "");
    if (const std::string failure = text_of(result, "failure"); !failure.empty()) return failed_with(ExitCode::failed, failure);
    return {};
}

bool all_of_lines(std::string_view text, const std::function<bool(std::string_view line)>& put) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (!put(line)) return false;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return true;
}

}  // namespace hairpin::cli
