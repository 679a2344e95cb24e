#include "cli/choice.h"

#include <algorithm>

#include "control/suggest.h"

namespace hairpin::cli {

Outcome<std::string> choose(std::string_view typed, std::span<const std::string> words, std::string_view before) {
    std::vector<std::string> begun;
    for (const std::string& word : words) {
        if (word == typed) return word;
        if (word.starts_with(typed)) begun.push_back(word);
    }
    if (begun.size() == 1) return begun.front();

    const std::string place = before.empty() ? std::string{} : " after \"" + std::string{before} + "\"";
    const std::string shown = "\"" + std::string{typed} + "\"";
    if (begun.size() > 1) return misused(shown + place + " may mean " + listed(begun));
    const auto meant = control::nearest_word(typed, words);
    return misused(shown + " is not known" + place + ": expected " + listed(words) +
                   (meant ? " (did you mean " + *meant + "?)" : ""));
}

std::string listed(std::span<const std::string> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    return text;
}

}  // namespace hairpin::cli
