#pragma once
// Options whose values are a few words, or a number in a range: a mistake is told with the values that there are, and not in the words of CLI11.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lab/rows.h"

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI

namespace hairpin::lab {

template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

// `choose` is told the number of the word that was typed.
CLI::Option* add_words(CLI::App& app, const char* names, const char* help, std::vector<std::string> words,
                       std::function<void(std::size_t)> choose);

// `value` outlives the parsing, and keeps what it is where the option is not typed.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const char* names, Value& value, const char* help, const Choices<Value>& choices) {
    std::vector<std::string> words;
    for (const auto& [word, meant] : choices) words.push_back(word);
    return add_words(app, names, help, std::move(words),
                     [&value, choices](std::size_t number) { value = choices[number].second; });
}

// -f table, json, csv or yaml, and -j for JSON.
void add_format_option(CLI::App& app, Format& format);
// The same for an answer that has only two forms: `for_people` is what the one is called that is Format::table.
void add_format_option(CLI::App& app, Format& format, const char* for_people, const char* help);

CLI::Validator number_from(std::uint64_t least, std::uint64_t most);

}  // namespace hairpin::lab
