#pragma once
// Words as a POSIX shell writes them: each quoted so that it is one word, and a line of them taken apart again.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hairpin::lab {

std::string shell_quoted(std::string_view word);

// By blanks, quotes and backslashes (POSIX.1-2017, Shell Command Language 2.2); nothing is expanded. None where a quote does not end.
std::optional<std::vector<std::string>> split_words(std::string_view line);

}  // namespace hairpin::lab
