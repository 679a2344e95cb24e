#pragma once
// Lists of words that a file may have somewhere.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace hairpin::lab {

template <std::size_t N>
bool is_word_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace hairpin::lab
