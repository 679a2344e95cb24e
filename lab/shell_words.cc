#include "lab/shell_words.h"

#include <cctype>

namespace hairpin::lab {

std::string shell_quoted(std::string_view word) {
    std::string quoted = "'";
    for (const char letter : word) quoted += letter == '\'' ? std::string{"'\\''"} : std::string(1, letter);
    return quoted + "'";
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    constexpr std::string_view kEscapedInDoubleQuotes = "$`\"\\";
    std::vector<std::string> words;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char letter = line[i];
        const char next = i + 1 < line.size() ? line[i + 1] : '\0';
        if (quote == '\0' && std::isspace(static_cast<unsigned char>(letter)) != 0) {
            in_word = false;
            continue;
        }
        if (!in_word) words.emplace_back();
        in_word = true;
        const bool escapes = letter == '\\' && next != '\0' &&
                             (quote == '\0' || (quote == '"' && kEscapedInDoubleQuotes.find(next) != std::string_view::npos));
        if (escapes)
            words.back() += line[++i];
        else if (quote != '\0' && letter == quote)
            quote = '\0';
        else if (quote == '\0' && (letter == '\'' || letter == '"'))
            quote = letter;
        else
            words.back() += letter;
    }
    if (quote != '\0') return std::nullopt;
    return words;
}

}  // namespace hairpin::lab
