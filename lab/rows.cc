#include "lab/rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "lab/table.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string cell(const OrderedJson& value) {
    if (value.is_null()) return "";
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const OrderedJson& item : value) text += (text.empty() ? "" : ", ") + cell(item);
    return text;
}

// RFC 4180: quotes where a comma, a quote or a line's end stands, and quotes twice within.
std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    return line + "\r\n";
}

// A JSON value is a YAML value, so text stays in quotes and cannot be taken for a number.
std::string yaml(const Rows& rows) {
    std::string text = fmt::format("schema: {}\n", OrderedJson(rows.schema).dump());
    if (!rows.lab.empty()) text += fmt::format("lab: {}\n", OrderedJson(rows.lab).dump());
    text += fmt::format("{}:{}\n", rows.list, rows.rows.empty() ? " []" : "");
    for (const OrderedJson& row : rows.rows) {
        const char* start = "  - ";
        for (const auto& [key, value] : row.items()) {
            text += fmt::format("{}{}: {}\n", start, key, value.dump());
            start = "    ";
        }
    }
    return text;
}

}  // namespace

std::string render(const Rows& rows, Format format) {
    if (format == Format::json) {
        OrderedJson json = {{"schema", rows.schema}};
        if (!rows.lab.empty()) json["lab"] = rows.lab;
        json[rows.list] = rows.rows;
        return json.dump(2) + "\n";
    }
    if (format == Format::yaml) return yaml(rows);
    std::vector<std::vector<std::string>> cells = {rows.titles};
    for (const OrderedJson& row : rows.rows) {
        auto& line = cells.emplace_back();
        for (const std::string& title : rows.titles) line.push_back(row.contains(title) ? cell(row.at(title)) : "");
    }
    if (format == Format::table) return format_table(cells);
    std::string text;
    for (const auto& line : cells) text += csv_line(line);
    return text;
}

}  // namespace hairpin::lab
