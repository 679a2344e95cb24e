#include "config/data_path.h"

namespace hairpin::config {

std::vector<PathStep> steps_of(std::string_view path) {
    std::vector<PathStep> steps;
    char quote = 0;
    bool in_keys = false;
    for (const char c : path) {
        if (quote == 0 && !in_keys && c == '/') {
            steps.emplace_back();
            continue;
        }
        if (steps.empty()) steps.emplace_back();
        if (quote == 0 && c == '[') in_keys = true;
        (in_keys ? steps.back().keys : steps.back().name) += c;
        if (quote == 0 && c == ']') in_keys = false;
        if (in_keys && (c == '\'' || c == '"')) quote = quote == 0 ? c : quote == c ? 0 : quote;
    }
    return steps;
}

std::string without_keys(std::string_view path) {
    std::string result;
    for (const PathStep& step : steps_of(path)) result += "/" + step.name;
    return result;
}

std::vector<std::string> words_of_path(std::string_view path) {
    std::vector<std::string> words;
    for (const PathStep& step : steps_of(path)) {
        words.push_back(step.name.substr(step.name.find(':') + 1));
        // [key='value']: what stands between quotes.
        for (std::size_t at = 0; (at = step.keys.find_first_of("'\"", at)) != std::string::npos;) {
            const std::size_t end = step.keys.find(step.keys[at], at + 1);
            if (end == std::string::npos) break;
            words.push_back(step.keys.substr(at + 1, end - at - 1));
            at = end + 1;
        }
    }
    return words;
}

}  // namespace hairpin::config
