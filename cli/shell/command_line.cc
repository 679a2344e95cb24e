#include "cli/shell/command_line.h"

#include <algorithm>

namespace hairpin::cli {

std::size_t CommandLine::command_end() const {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), "|") - words.begin());
}

CommandLine take_apart(std::string_view line) {
    CommandLine result;
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    std::size_t at = 0;
    while (true) {
        while (at < line.size() && is_space(line[at])) ++at;
        if (at == line.size()) break;
        if (line[at] == '#') {
            result.comment = true;
            break;
        }
        std::string word;
        const std::size_t begin = at;
        if (line[at] == '|') {
            word = line[at++];
        } else {
            bool quoted = false;
            for (; at < line.size(); ++at) {
                if (quoted && line[at] == '\\' && at + 1 < line.size())
                    word += line[++at];
                else if (line[at] == '"')
                    quoted = !quoted;
                else if (!quoted && (is_space(line[at]) || line[at] == '|'))
                    break;
                else
                    word += line[at];
            }
            result.open_quote = quoted;
        }
        result.words.push_back(std::move(word));
        result.columns.push_back(begin);
    }
    result.complete = result.words.empty() || is_space(line.back()) || line.back() == '|';
    result.columns.push_back(line.size());
    return result;
}

}  // namespace hairpin::cli
