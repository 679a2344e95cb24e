#include "cli/shell/command_line.h"

#include "config/candidate/words.h"

namespace hairpin::cli {

namespace {

constexpr std::string_view kSpaces = " \t\r\n";

// The tokens; of quotes that are not closed what they hold so far, as the last one.
std::vector<config::Token> tokens_of(std::string_view line, bool& open_quote) {
    auto tokens = config::tokenize(line);
    if (tokens) return std::move(*tokens);
    open_quote = true;
    const std::size_t quote = tokens.error().begin;
    // Before the quote the line is in order.
    auto before = config::tokenize(line.substr(0, quote));
    std::vector<config::Token> result = before ? std::move(*before) : std::vector<config::Token>{};
    result.push_back({std::string{line.substr(quote + 1)}, quote, line.size(), true});
    return result;
}

}  // namespace

std::size_t CommandLine::command_end() const {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), "|") - words.begin());
}

CommandLine take_apart(std::string_view line) {
    CommandLine result;
    const std::vector<config::Token> tokens = tokens_of(line, result.open_quote);
    bool filters = false;
    const config::Token* previous = nullptr;
    for (const config::Token& token : tokens) {
        const bool pipe = token.is("|");
        // What stands together in a filter belongs together, brackets and all.
        if (filters && !pipe && previous != nullptr && !previous->is("|") && previous->end == token.begin) {
            result.words.back() += token.text;
        } else {
            result.words.push_back(token.text);
            result.columns.push_back(token.begin);
        }
        filters = filters || pipe;
        previous = &token;
    }
    const std::size_t end = tokens.empty() ? 0 : tokens.back().end;
    result.comment = line.find_first_not_of(kSpaces, end) != std::string_view::npos;
    result.complete = result.words.empty() || end < line.size() || (previous != nullptr && previous->is("|"));
    result.columns.push_back(line.size());
    return result;
}

}  // namespace hairpin::cli
