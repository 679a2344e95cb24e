#include "cli/completion.h"

#include <algorithm>
#include <array>

#include "cli/command_table.h"

namespace hairpin::cli {

namespace {

struct ScriptRow {
    std::string_view command, script;
};
constexpr auto kScripts = std::to_array<ScriptRow>({
    {"completion bash", R"bash(# hairpin: completion for bash. Put this into ~/.bashrc:  eval "$(hairpin completion bash)"
_hairpin() {
    # The line's own words: bash would take an address and its port for two.
    local words line=${COMP_LINE:0:COMP_POINT}
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    mapfile -t COMPREPLY < <("${words[0]}" --complete "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _hairpin hairpin
)bash"},
    {"completion zsh",
     R"zsh(# hairpin: completion for zsh. Put this into ~/.zshrc, behind compinit:  eval "$(hairpin completion zsh)"
_hairpin() {
    local -a found
    found=("${(@f)$("${words[1]}" --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    found=(${found:#})
    if (( $#found )); then compadd -a found; else _files; fi
}
compdef _hairpin hairpin
)zsh"},
    {"completion fish",
     R"fish(# hairpin: completion for fish. Put this into ~/.config/fish/config.fish:  hairpin completion fish | source
function __hairpin_complete
    set -l words (commandline -opc)
    $words[1] --complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c hairpin -a '(__hairpin_complete)'
)fish"},
});

}  // namespace

std::optional<std::string_view> completion_script(std::string_view command) {
    const auto row =
        std::find_if(kScripts.begin(), kScripts.end(), [&](const ScriptRow& each) { return each.command == command; });
    if (row == kScripts.end()) return std::nullopt;
    return row->script;
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
