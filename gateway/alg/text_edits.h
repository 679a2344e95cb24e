#pragma once
// What is to be changed in a text: pieces of it, none of which touches another, and what stands in their places.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hairpin::gateway {

struct TextEdit {
    std::size_t at = 0, length = 0;  // of length 0: something is put in before `at`
    std::string with;
};

// The text with all of them made, in whatever order they come; those at the same place as they come.
std::string edited(std::string_view text, std::vector<TextEdit> edits);

}  // namespace hairpin::gateway
