#include "cli/style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "net/numbers.h"

namespace hairpin::cli {

namespace {

constexpr std::string_view kArrow = "→";
constexpr std::string_view kPlainArrow = "->";

bool names_utf8(std::string_view locale) {
    std::string letters;
    for (const char letter : locale)
        if (letter != '-') letters += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return letters.find("utf8") != std::string::npos;
}

bool is_control(char letter) { return std::iscntrl(static_cast<unsigned char>(letter)) != 0; }

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}

}  // namespace

Style Style::of_terminal(const Environment& environment) {
    Style style;
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* locale = environment(name);
        if (locale == nullptr || *locale == '\0') continue;
        style.utf8 = names_utf8(locale);
        break;
    }
    winsize size{};
    if (const char* columns = environment("COLUMNS"))
        style.width = static_cast<std::size_t>(parse_number(columns, 10'000).value_or(0));
    else if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        style.width = size.ws_col;
    return style;
}

std::string Style::fit(std::string_view text) const {
    std::string result{text};
    // A name may hold anything; nobody writes to a terminal with it.
    std::replace_if(result.begin(), result.end(), is_control, '?');
    replace_all(result, utf8 ? kPlainArrow : kArrow, arrow());
    return result;
}

std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char letter) { return letter != '\n' && is_control(letter); }, '?');
    return text;
}

std::size_t columns_of(std::string_view text) {
    // A byte 10xxxxxx continues a code point.
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t columns) {
    const std::size_t used = columns_of(text);
    return std::string{text} + std::string(used < columns ? columns - used : 0, ' ');
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent_of_further_lines) {
    if (columns == 0) return std::string{text};
    std::string result;
    std::size_t used = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t wide = columns_of(word);
        if (used > 0 && used + 1 + wide > columns) {
            result += "\n" + std::string(indent_of_further_lines, ' ');
            used = 0;
        }
        if (used > 0) result += ' ', ++used;
        result += word;
        used += wide;
    }
    return result;
}

}  // namespace hairpin::cli
