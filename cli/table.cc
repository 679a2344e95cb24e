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

// As many strips as fit beside each other, and then the next ones below them.
using Band = std::span<const Strip>;
constexpr std::size_t kGap = 2, kStripIndent = 4;  // columns between strips, and before those that stand below others

std::vector<Band> bands_of(const std::vector<Strip>& strips, const Style& style) {
    std::vector<Band> bands;
    std::size_t begin = 0, width = 0;
    for (std::size_t i = 0; i < strips.size(); ++i) {
        if (i > begin && !style.fits(width + kGap + strips[i].width)) {
            bands.emplace_back(&strips[begin], i - begin);
            begin = i;
        }
        width = i == begin ? (bands.empty() ? 0 : kStripIndent) + strips[i].width : width + kGap + strips[i].width;
    }
    if (begin < strips.size()) bands.emplace_back(&strips[begin], strips.size() - begin);
    return bands;
}

std::string lines_of_row(Band band, std::size_t row, std::size_t indent) {
    std::size_t height = 1;
    for (const Strip& strip : band) height = std::max(height, strip.cells[row].size());
    std::string text;
    for (std::size_t i = 0; i < height; ++i) {
        std::string line(indent, ' ');
        for (const Strip& strip : band) {
            const Lines& cell = strip.cells[row];
            line += (&strip == band.data() ? std::string{} : std::string(kGap, ' ')) +
                    aligned(i < cell.size() ? cell[i] : std::string{}, strip);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace

std::string render_table(std::span<const Column> columns, const json& rows, const Style& style) {
    std::vector<Strip> strips;
    for (const Column& column : columns)
        if (is_known(column, rows)) strips.push_back(strip_of(column, rows, style));

    const std::vector<Band> bands = bands_of(strips, style);
    std::string text;
    for (std::size_t row = 0; row <= rows.size(); ++row)
        for (const Band& band : bands) text += lines_of_row(band, row, &band == bands.data() ? 0 : kStripIndent);
    return text;
}

}  // namespace hairpin::cli
