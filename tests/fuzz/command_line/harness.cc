// A line that somebody types into the router command line, as it is read before any daemon is asked: words, filters, the command's
// row, its terms, what may follow, and how a complaint points at a word.

#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "cli/completion.h"
#include "cli/shell/command_line.h"
#include "cli/shell/filters.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"

namespace hairpin::cli {
namespace {

using fuzz::holds;

constexpr std::string_view kAnswer = "NAME  SEGMENT\nworkstation  lan\n\ninternet  wan\n";

std::vector<std::string> nobody(std::string_view, std::string_view) { return {}; }

void check_words(std::string_view text, const CommandLine& line) {
    holds(line.columns.size() == line.words.size() + 1, "a word has no column");
    for (std::size_t i = 0; i < line.words.size(); ++i)
        holds(line.columns[i] < line.columns[i + 1] && line.columns[i + 1] <= text.size(), "a column is not where its word is");
}

// A complaint says something, about a word that was typed or is missing behind them.
void check_complaint(const Failure& failure, Words words) {
    holds(!failure.sentence.empty(), "a complaint without a sentence");
    holds(!failure.word || *failure.word <= words.size(), "a complaint about a word that nobody typed: " + failure.sentence);
}

void read_filters(Words words) {
    const auto filters = Filters::parse(words);
    if (!filters) return check_complaint(filters.error(), words);
    (void)filters->applied_to(kAnswer);
    (void)filters->passes("workstation  lan");
}

void read_command(Words words) {
    const auto typed = find_command(words);
    if (!typed) return check_complaint(typed.error(), words);
    const auto terms = read_terms(typed->arguments, typed->command->terms);
    if (!terms) return check_complaint(terms.error(), typed->arguments);
    for (const auto& [key, value] : terms->items())
        holds(word_of(key, typed->arguments, typed->command->terms) <= typed->arguments.size(), "a term of no word");
}

// Whatever may follow may be asked about, too.
void ask_what_follows(const CommandLine& line) {
    for (const Words words : {line.command(), line.filters()}) {
        for (std::size_t count = 0; count <= words.size(); ++count) (void)expected_after(words.first(count), nobody);
        (void)Filters::expected_after(words);
    }
    (void)completions(line.words, nobody);
}

// A command that takes a file reads it, and some of these have no end.
bool names_a_device(Words words) {
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return word.find("/dev") != std::string::npos || word.find("/proc") != std::string::npos ||
               word.find("/sys") != std::string::npos;
    });
}

}  // namespace
}  // namespace hairpin::cli

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // A command may read JSON from standard input: that has an end here.
    return std::freopen("/dev/null", "r", stdin) == nullptr ? 1 : 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::cli;
    const std::string_view text = hairpin::fuzz::Input{data, size}.rest();
    const CommandLine line = take_apart(text);
    check_words(text, line);
    read_filters(line.filters());
    if (!names_a_device(line.words)) read_command(line.command());
    ask_what_follows(line);
    return 0;
}
