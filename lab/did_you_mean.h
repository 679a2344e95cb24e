#pragma once
// What would have been right, behind a word of a file or of a command line that is not known.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hairpin::lab {

// `, did you mean "endpoints"?` where one of the names is near, and nothing otherwise.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& names);

// The same of what a range's elements are called.
template <class Range, class NameOf>
std::string did_you_mean(std::string_view typed, const Range& range, NameOf name_of) {
    std::vector<std::string> names;
    for (const auto& each : range)
        if (std::string name{name_of(each)}; !name.empty()) names.push_back(std::move(name));  // empty: not to be offered
    return did_you_mean(typed, names);
}

}  // namespace hairpin::lab
