#pragma once
// Completion of the one-shot form in bash: `hairpin completion bash` prints what a shell's start-up file evaluates, and that asks
// `hairpin --complete WORD...` at each TAB.

#include <string>
#include <vector>

#include "cli/terms.h"

namespace hairpin::cli {

std::string bash_completion();

// The words that may stand in the place of the last of `words`, which is as far as it was typed, a line each.
std::string completions(std::vector<std::string> words, const KnownValues& known);

}  // namespace hairpin::cli
