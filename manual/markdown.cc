#include "manual/markdown.h"

#include "cli/style.h"

namespace hairpin::manual {

namespace {

constexpr std::size_t kMarkdownWidth = 130;

// What would be taken for markup becomes text; what stands in backquotes stays as it is.
std::string escaped(std::string_view text) {
    std::string result;
    bool typed = false;
    for (const char c : text) {
        if (c == '`') typed = !typed;
        const bool markup = !typed && (c == '*' || c == '<' || c == '_' || c == '\\');
        (result += markup ? "\\" : "") += c;
    }
    return result;
}

// A line must not begin with what begins a list, a heading or a quotation.
std::string in_lines(std::string_view text, std::size_t width, std::size_t indent) {
    std::string lines = cli::wrapped(escaped(text), width, indent);
    for (std::size_t at = 0; (at = lines.find('\n', at)) != std::string::npos; ++at)
        if (std::string_view{"-+#>"}.find(lines[at + 1 + indent]) != std::string_view::npos) lines.insert(at + 1 + indent, "\\");
    return lines;
}

// A cell of a table ends at a |, even within code.
std::string in_cell(std::string_view text) {
    std::string result;
    for (const char c : text) (result += c == '|' ? "\\" : "") += c;
    return result;
}

std::string in_backquotes(std::string_view text) { return "`" + std::string{text} + "`"; }

std::string row(std::span<const std::string> cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + in_cell(cell) + " |";
    return text + "\n";
}

}  // namespace

void Markdown::heading(std::size_t depth, std::string_view text) { block(std::string(depth, '#') + " " + escaped(text) + "\n"); }

void Markdown::paragraph(std::string_view text) { block(in_lines(text, kMarkdownWidth, 0) + "\n"); }

void Markdown::usage(std::string_view text) { block(in_backquotes(text) + "\n"); }

void Markdown::items(std::span<const std::string> texts) {
    std::string list;
    for (const std::string& text : texts) list += "- " + in_lines(text, kMarkdownWidth - 2, 2) + "\n";
    block(list);
}

void Markdown::entries(std::span<const std::string> titles, std::span<const Entry> entries) {
    std::string table = row(titles) + "|";
    for (std::size_t i = 0; i < titles.size(); ++i) table += "---|";
    table += "\n";
    for (const Entry& entry : entries) {
        std::vector<std::string> cells{in_backquotes(entry.term)};
        for (const std::string& fact : entry.facts) cells.push_back(escaped(fact));
        cells.push_back(escaped(entry.meaning));
        table += row(cells);
    }
    block(table);
}

void Markdown::literal(std::string_view lines) { block("```\n" + std::string{lines} + "\n```\n"); }

}  // namespace hairpin::manual
