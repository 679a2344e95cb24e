#include "cli/completion.h"

#include "cli/command_table.h"

namespace hairpin::cli {

std::string bash_completion() {
    return R"bash(# hairpin: completion for bash. Put this into ~/.bashrc:  eval "$(hairpin completion bash)"
_hairpin() {
    # The line's own words: bash would take an address and its port for two.
    local words line=${COMP_LINE:0:COMP_POINT}
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    mapfile -t COMPREPLY < <("${words[0]}" --complete "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _hairpin hairpin
)bash";
}

std::string completions(std::vector<std::string> words, const KnownValues& known) {
    const std::string begun = words.empty() ? "" : words.back();
    if (!words.empty()) words.pop_back();
    std::string text;
    for (const Expected& one : expected_after(words, known))
        if (!one.is_value && one.word.starts_with(begun)) text += one.word + "\n";
    return text;
}

}  // namespace hairpin::cli
