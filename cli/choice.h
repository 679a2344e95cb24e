#pragma once
// One word of many: typed in full or as far as it takes to tell it from the others.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.h"

namespace hairpin::cli {

// The word that `typed` is, or is the beginning of. Otherwise a usage failure that says what was expected after `before` (what was
// typed until there; may be empty), and what was probably meant.
Outcome<std::string> choose(std::string_view typed, std::span<const std::string> words, std::string_view before);

// "a, b or c".
std::string listed(std::span<const std::string> words);

}  // namespace hairpin::cli
