#pragma once
// Options whose values are a few words, or a number in a range: a mistake is told with the values that there are, and not in the words of CLI11.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lab/did_you_mean.h"
#include "lab/rows.h"
#include "net/numbers.h"

namespace hairpin::lab {

template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

inline const Choices<Format>& formats() {
    static const Choices<Format> all{
        {"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}, {"yaml", Format::yaml}};
    return all;
}

// `value` outlives the parsing, and keeps what it is where the option is not typed.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const char* names, Value& value, const char* help, Choices<Value> choices) {
    const std::string all_names{names};
    const std::string name = all_names.substr(all_names.rfind(',') + 1);  // the long one
    const auto read = [&value, choices = std::move(choices), name](const std::string& typed) {
        std::vector<std::string> words;
        for (const auto& [word, meant] : choices) {
            words.push_back(word);
            if (word == typed) {
                value = meant;
                return;
            }
        }
        std::string known;
        for (const std::string& word : words) known += (known.empty() ? "" : ", ") + word;
        throw CLI::ValidationError(name, fmt::format("\"{}\" is none of {}{}", typed, known, did_you_mean(typed, words)));
    };
    return app.add_option_function<std::string>(names, read, help);
}

inline CLI::Option* add_format_option(CLI::App& app, Format& format) {
    return add_choice(app, "-f,--format", format, "table, json, csv or yaml", formats())->type_name("FORMAT");
}

inline CLI::Validator number_from(std::uint64_t least, std::uint64_t most) {
    return CLI::Validator{[least, most](const std::string& typed) -> std::string {
                              const auto number = parse_number(typed, most);
                              if (number && *number >= least) return "";
                              return fmt::format("\"{}\" is no number from {} to {}", typed, least, most);
                          },
                          ""};
}

}  // namespace hairpin::lab
