#pragma once
// "Did you mean": the word that somebody probably wanted to type.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hairpin::control {

// How many letters must be typed, deleted, changed or swapped with their neighbour to make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of the candidates, when no more than a third of its letters are wrong; the first of equally near ones. Words longer
// than 64 letters are nobody's typing mistake and get no suggestion.
std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> candidates);

}  // namespace hairpin::control
