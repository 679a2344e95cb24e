#include "cli/arguments.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/choice.h"
#include "net/numbers.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// `--source=X` and `--source X` are `source X`.
std::vector<std::string> without_dashes(Words words) {
    std::vector<std::string> plain;
    for (const std::string& word : words) {
        if (!word.starts_with("--")) {
            plain.push_back(word);
            continue;
        }
        const auto equals = word.find('=');
        plain.push_back(word.substr(2, equals == std::string::npos ? equals : equals - 2));
        if (equals != std::string::npos) plain.push_back(word.substr(equals + 1));
    }
    return plain;
}

const Keyword& keyword_named(std::string_view word, std::span<const Keyword> keywords) {
    return *std::find_if(keywords.begin(), keywords.end(), [&](const Keyword& keyword) { return keyword.word == word; });
}

}  // namespace

Outcome<json> read_keywords(Words words, std::span<const Keyword> keywords, std::string_view command) {
    std::vector<std::string> known;
    for (const Keyword& keyword : keywords) known.emplace_back(keyword.word);

    json parameters = json::object();
    const std::vector<std::string> plain = without_dashes(words);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const auto chosen = choose(plain[i], known, command);
        if (!chosen) return tl::unexpected(chosen.error());
        const Keyword& keyword = keyword_named(*chosen, keywords);
        const std::string key{keyword.key};
        if (parameters.contains(key) && keyword.value != Keyword::Value::list)
            return misused(std::string{command} + ": " + *chosen + " is said twice");
        if (keyword.value == Keyword::Value::yes || keyword.value == Keyword::Value::no) {
            parameters[key] = keyword.value == Keyword::Value::yes;
            continue;
        }
        if (++i == plain.size()) return misused(std::string{command} + ": a value is missing after " + *chosen);
        const std::string& value = plain[i];
        if (keyword.value == Keyword::Value::list) {
            parameters[key].push_back(value);
        } else if (keyword.value == Keyword::Value::text) {
            parameters[key] = value;
        } else {
            const auto number = parse_number(value, 0xffff'ffff);
            if (!number) return misused(std::string{command} + ": " + *chosen + " \"" + value + "\" is no number");
            parameters[key] = *number;
        }
    }
    return parameters;
}

Outcome<json> no_arguments(Words words) {
    if (!words.empty()) return misused("\"" + words.front() + "\" is too much: the command takes nothing more");
    return json::object();
}

}  // namespace hairpin::cli
