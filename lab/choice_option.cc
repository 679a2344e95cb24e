#include "lab/choice_option.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "lab/did_you_mean.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

void add_formats(CLI::App& app, Format& format, const char* help, const Choices<Format>& formats) {
    auto* by_name = add_choice(app, "-f,--format", format, help, formats)->type_name("FORMAT");
    app.add_flag_callback(
           "-j,--json", [&format] { format = Format::json; }, "The same as -f json")
        ->excludes(by_name);
}

}  // namespace

CLI::Option* add_words(CLI::App& app, const char* names, const char* help, std::vector<std::string> words,
                       std::function<void(std::size_t)> choose) {
    const std::string all_names{names};
    const std::string name = all_names.substr(all_names.rfind(',') + 1);  // the long one
    const auto read = [words = std::move(words), choose = std::move(choose), name](const std::string& typed) {
        const auto found = std::find(words.begin(), words.end(), typed);
        if (found == words.end())
            throw CLI::ValidationError(
                name, fmt::format("\"{}\" is none of {}{}", typed, fmt::join(words, ", "), did_you_mean(typed, words)));
        choose(static_cast<std::size_t>(found - words.begin()));
    };
    return app.add_option_function<std::string>(names, read, help);
}

void add_format_option(CLI::App& app, Format& format) {
    add_formats(app, format, "table, json, csv or yaml",
                Choices<Format>{{"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}, {"yaml", Format::yaml}});
}

void add_format_option(CLI::App& app, Format& format, const char* for_people, const char* help) {
    add_formats(app, format, help, Choices<Format>{{for_people, Format::table}, {"json", Format::json}});
}

CLI::Validator number_from(std::uint64_t least, std::uint64_t most) {
    return CLI::Validator{[least, most](const std::string& typed) -> std::string {
                              const auto number = parse_number(typed, most);
                              if (number && *number >= least) return "";
                              return fmt::format("\"{}\" is no number from {} to {}", typed, least, most);
                          },
                          ""};
}

}  // namespace hairpin::lab
