#pragma once
// A line as it was typed: words, where each stood, and the filters behind a `|`. Quotes, brackets and comments are as everywhere in a
// configuration (config/candidate/words.h), but in a filter brackets are plain: `match a[bc]`.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terms.h"

namespace hairpin::cli {

struct CommandLine {
    std::vector<std::string> words;
    std::vector<std::size_t> columns;  // of each word's first character in the line; and of the line's end
    bool open_quote = false;           // the last word's quotes were not closed
    bool comment = false;              // the line ends in a comment
    bool complete = true;              // the last word is followed by a space, or there is none

    // The place of the first `|`, or words.size().
    std::size_t command_end() const;
    Words command() const { return Words{words}.first(command_end()); }
    Words filters() const { return Words{words}.subspan(std::min(command_end() + 1, words.size())); }
};

CommandLine take_apart(std::string_view line);

}  // namespace hairpin::cli
