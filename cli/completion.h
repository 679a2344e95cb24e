#pragma once
// Completion of the one-shot form in a shell: `hairpin completion bash` (zsh, fish) prints what the shell's start-up file evaluates, and that asks
// `hairpin --complete WORD...` at each TAB.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terms.h"

namespace hairpin::cli {

// What the command `completion bash`, `completion zsh` or `completion fish` says; none of another command.
std::optional<std::string_view> completion_script(std::string_view command);

// The words that may stand in the place of the last of `words`, which is as far as it was typed, a line each.
std::string completions(std::vector<std::string> words, const KnownValues& known);

}  // namespace hairpin::cli
