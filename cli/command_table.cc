#include "cli/command_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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

namespace {

// The words that may stand at `depth` in these rows, each once, in the rows' order.
std::vector<std::string> words_at(std::size_t depth, const std::vector<const Command*>& rows) {
    std::vector<std::string> words;
    for (const Command* command : rows) {
        std::string word = words_of(*command)[depth];
        if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
    }
    return words;
}

// Of several commands that go on with a word, what they are about.
std::string about(const std::string& word, std::size_t depth, const std::vector<const Command*>& rows) {
    std::string text;
    std::size_t count = 0;
    for (const Command* command : rows) {
        const auto words = words_of(*command);
        if (words[depth] != word) continue;
        if (++count == 1 && words.size() == depth + 1) return std::string{command->description};
        if (words.size() > depth + 1) text += (text.empty() ? "" : ", ") + words[depth + 1];
    }
    return text;
}

}  // namespace

std::string usage_of(const Command& command) {
    return std::string{command.words} + (command.terms.empty() ? "" : " " + usage_of(command.terms));
}

Outcome<nlohmann::json> parameters_of(const Command& command, Words arguments) {
    auto parameters = read_terms(arguments, command.terms);
    if (!parameters) return parameters;
    return command.parameters == nullptr ? std::move(*parameters) : command.parameters(std::move(*parameters));
}

Expectations expected_after(Words words, const KnownValues& known) {
    std::vector<const Command*> left = command_table();
    for (std::size_t depth = 0;; ++depth) {
        if (left.size() == 1 && words_of(*left.front()).size() == depth)
            return expected_terms(words.subspan(depth), left.front()->terms, known);
        const std::vector<std::string> possible = words_at(depth, left);
        if (depth == words.size()) {
            Expectations expected;
            for (const std::string& word : possible) expected.push_back({word, about(word, depth, left)});
            return expected;
        }
        const auto chosen = choose(words[depth], possible, "");
        if (!chosen) return {};
        std::erase_if(left, [&](const Command* command) { return words_of(*command)[depth] != *chosen; });
    }
}

Outcome<Typed> find_command(Words words) {
    // The rows that agree with what has been read so far; each word leaves fewer, and the last of a row's words leaves one.
    std::vector<const Command*> left = command_table();
    std::string read;
    for (std::size_t depth = 0;; ++depth) {
        if (left.size() == 1 && words_of(*left.front()).size() == depth) return Typed{left.front(), words.subspan(depth)};
        const std::vector<std::string> expected = words_at(depth, left);
        const auto wrong = [&](Failure failure) {
            failure.word = depth;
            return tl::unexpected(std::move(failure));
        };
        if (depth == words.size()) return wrong({ExitCode::usage, "\"" + read + "\" goes on: expected " + listed(expected)});
        const auto chosen = choose(words[depth], expected, read);
        if (!chosen) return wrong(chosen.error());
        std::erase_if(left, [&](const Command* command) { return words_of(*command)[depth] != *chosen; });
        read += (read.empty() ? "" : " ") + *chosen;
    }
}

}  // namespace hairpin::cli
