#include "cli/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace hairpin::cli {

using nlohmann::json;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        lines.push_back(text.substr(begin, end - begin));
    lines.push_back(text.substr(begin));
    return lines;
}

bool is_known(const Column& column, const json& rows) {
    return column.key.empty() ||
           std::any_of(rows.begin(), rows.end(), [&](const json& row) { return row.contains(std::string{column.key}); });
}

std::string cell_of(const Column& column, const json& row, const Style& style) {
    if (column.key.empty()) return column.cell(row, style);
    const auto value = row.find(std::string{column.key});
    return value == row.end() ? "-" : column.cell(*value, style);
}

// A column as it will be printed: its cells, and how wide they are.
struct Strip {
    Align align;
    std::vector<Lines> cells;  // the title first
    std::size_t width = 0;
};

Strip strip_of(const Column& column, const json& rows, const Style& style) {
    Strip strip{column.align, {Lines{std::string{column.title}}}};
    for (const json& row : rows) strip.cells.push_back(lines_of(cell_of(column, row, style)));
    for (const Lines& cell : strip.cells)
        for (const std::string& line : cell) strip.width = std::max(strip.width, columns_of(line));
    return strip;
}

std::string aligned(const std::string& text, const Strip& strip) {
    if (strip.align == Align::left) return padded(text, strip.width);
    return std::string(strip.width - columns_of(text), ' ') + text;
}

}  // namespace

std::string render_table(std::span<const Column> columns, const json& rows, const Style& style) {
    std::vector<Strip> strips;
    for (const Column& column : columns)
        if (is_known(column, rows)) strips.push_back(strip_of(column, rows, style));

    std::string text;
    for (std::size_t row = 0; row <= rows.size(); ++row) {
        std::size_t height = 1;
        for (const Strip& strip : strips) height = std::max(height, strip.cells[row].size());
        for (std::size_t i = 0; i < height; ++i) {
            std::string line;
            for (const Strip& strip : strips) {
                const Lines& cell = strip.cells[row];
                line += (line.empty() ? "" : "  ") + aligned(i < cell.size() ? cell[i] : std::string{}, strip);
            }
            line.erase(line.find_last_not_of(' ') + 1);
            text += line + "\n";
        }
    }
    return text;
}

}  // namespace hairpin::cli
