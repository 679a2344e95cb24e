#include "cli/command_table.h"

#include <algorithm>

#include "cli/choice.h"

namespace hairpin::cli {

const std::vector<const Command*>& command_table() {
    static const std::vector<const Command*> table = [] {
        std::vector<const Command*> all;
        for (const auto area :
             {switch_commands(), gateway_commands(), rule_commands(), session_commands(), packet_commands(), daemon_commands()})
            for (const Command& command : area) all.push_back(&command);
        return all;
    }();
    return table;
}

std::vector<std::string> words_of(const Command& command) {
    std::vector<std::string> words;
    for (std::string_view rest = command.words; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        words.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return words;
}

Outcome<Typed> find_command(Words words) {
    // The rows that agree with what has been read so far; each word leaves fewer, and the last of a row's words leaves one.
    std::vector<const Command*> left = command_table();
    std::string read;
    for (std::size_t depth = 0;; ++depth) {
        if (left.size() == 1 && words_of(*left.front()).size() == depth) return Typed{left.front(), words.subspan(depth)};
        std::vector<std::string> expected;
        for (const Command* command : left) {
            const std::string word = words_of(*command)[depth];
            if (std::find(expected.begin(), expected.end(), word) == expected.end()) expected.push_back(word);
        }
        if (depth == words.size()) return misused("\"" + read + "\" goes on: expected " + listed(expected));
        const auto chosen = choose(words[depth], expected, read);
        if (!chosen) return tl::unexpected(chosen.error());
        std::erase_if(left, [&](const Command* command) { return words_of(*command)[depth] != *chosen; });
        read += (read.empty() ? "" : " ") + *chosen;
    }
}

}  // namespace hairpin::cli
