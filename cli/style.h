#pragma once
// What the reader's terminal can show: arrows, and how many columns.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hairpin::cli {

// A variable of the environment, or null.
using Environment = std::function<const char*(const char* name)>;

struct Style {
    bool utf8 = false;
    std::size_t width = 0;  // 0: without end, for files and pipes, where a line is a record

    // By LC_ALL, LC_CTYPE, LANG (the first that is set), COLUMNS, and the terminal on standard output.
    static Style of_terminal(const Environment& environment);

    std::string_view arrow() const { return utf8 ? "→" : "->"; }
    // Text from elsewhere with the arrows that this reader can see, and without control characters.
    std::string fit(std::string_view text) const;
    bool fits(std::size_t columns) const { return width == 0 || columns <= width; }
};

// A text of several lines without control characters: whoever answers writes lines, and nothing else, to a terminal.
std::string printable(std::string text);

// How many columns a text takes: one for each code point.
std::size_t columns_of(std::string_view text);
std::string padded(std::string_view text, std::size_t columns);

// Words broken into lines of at most `columns`; a longer word stands alone. 0: one line.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent_of_further_lines);

}  // namespace hairpin::cli
