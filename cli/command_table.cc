#include "cli/command_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/choice.h"

namespace hairpin::cli {

const CommandTable& command_table() {
    static const CommandTable table = [] {
        CommandTable all;
        for (const auto area : {switch_commands(), switch_feature_commands(), switch_protocol_commands(), impairment_commands(),
                                machine_commands(), tunnel_commands(), gateway_commands(), network_commands(), rule_commands(),
                                configuration_commands(), alg_commands(), session_commands(), limit_commands(), packet_commands(),
                                watching_commands(), capture_commands(), debug_commands(), daemon_commands()})
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
std::vector<std::string> words_at(std::size_t depth, const CommandTable& rows) {
    std::vector<std::string> words;
    for (const Command* command : rows) {
        std::string word = words_of(*command)[depth];
        if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
    }
    return words;
}

// Of several commands that go on with a word, what they are about.
std::string about(const std::string& word, std::size_t depth, const CommandTable& rows) {
    std::string text;
    std::vector<std::string> next;
    for (const Command* command : rows) {
        const auto words = words_of(*command);
        if (words[depth] != word) continue;
        if (words.size() == depth + 1) return std::string{command->description};
        if (words.size() <= depth + 1 || std::find(next.begin(), next.end(), words[depth + 1]) != next.end()) continue;
        next.push_back(words[depth + 1]);
        text += (text.empty() ? "" : ", ") + words[depth + 1];
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

// Rows that agree with what has been read so far. Each word leaves fewer, until one row's words are all read.
class Search {
public:
    explicit Search(CommandTable table) : left_(std::move(table)) {}

    // The row whose words are read, if there is one: what follows is its terms, unless it is a word of a longer row's.
    const Command* complete() const {
        const auto found =
            std::find_if(left_.begin(), left_.end(), [&](const Command* row) { return words_of(*row).size() == depth_; });
        return found == left_.end() ? nullptr : *found;
    }
    // The words with which the others go on.
    CommandTable longer() const {
        CommandTable rows = left_;
        std::erase_if(rows, [&](const Command* row) { return words_of(*row).size() == depth_; });
        return rows;
    }
    std::vector<std::string> next_words() const { return words_at(depth_, longer()); }
    Outcome<void> read(const std::string& word) {
        auto chosen = choose(word, next_words(), read_);
        if (!chosen) {
            chosen.error().word = depth_;
            return tl::unexpected(chosen.error());
        }
        left_ = longer();
        std::erase_if(left_, [&](const Command* row) { return words_of(*row)[depth_] != *chosen; });
        read_ += (read_.empty() ? "" : " ") + *chosen;
        ++depth_;
        return {};
    }
    const CommandTable& rows() const { return left_; }
    std::size_t depth() const { return depth_; }
    const std::string& words_read() const { return read_; }

private:
    CommandTable left_;
    std::size_t depth_ = 0;
    std::string read_;
};

CommandTable commands_beginning(Words words, const CommandTable& table) {
    Search search{table};
    for (const std::string& word : words)
        if (!search.read(word)) return {};
    return search.rows();
}

Expectations expected_after(Words words, const KnownValues& known, const CommandTable& table) {
    Search search{table};
    while (true) {
        const Command* complete = search.complete();
        const auto longer = search.longer();
        const bool more = search.depth() < words.size();
        if (!more || longer.empty() || (complete != nullptr && !choose(words[search.depth()], search.next_words(), ""))) {
            Expectations expected;
            if (!more)
                for (const std::string& word : search.next_words())
                    expected.push_back({word, about(word, search.depth(), longer)});
            if (complete == nullptr) return expected;
            for (Expected& one : expected_terms(words.subspan(search.depth()), complete->terms, known))
                expected.push_back(std::move(one));
            return expected;
        }
        if (!search.read(words[search.depth()])) return {};
    }
}

std::optional<Failure> mistake_in(Words words, const CommandTable& table) {
    const auto typed = find_command(words, table);
    if (!typed) return typed.error().word < words.size() ? std::optional{typed.error()} : std::nullopt;
    auto mistake = mistake_in(typed->arguments, typed->command->terms);
    if (mistake) *mistake->word += words.size() - typed->arguments.size();
    return mistake;
}

Outcome<Typed> find_command(Words words, const CommandTable& table) {
    Search search{table};
    while (true) {
        const Command* complete = search.complete();
        const bool more = search.depth() < words.size();
        if (complete != nullptr && (!more || search.longer().empty() || !choose(words[search.depth()], search.next_words(), "")))
            return Typed{complete, words.subspan(search.depth())};
        if (!more) {
            return tl::unexpected(Failure{ExitCode::usage,
                                          "\"" + search.words_read() + "\" goes on: expected " + listed(search.next_words()),
                                          search.depth()});
        }
        if (const auto read = search.read(words[search.depth()]); !read) return tl::unexpected(read.error());
    }
}

}  // namespace hairpin::cli
