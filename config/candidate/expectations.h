#pragma once
// What may follow some words: what the shell completes with, and lists for a question mark.

#include <span>
#include <vector>

#include "config/candidate/candidate.h"
#include "config/candidate/path.h"
#include "config/candidate/tree.h"

namespace hairpin::config {

// Of values that other settings have and that would do here, such as addresses, this many are offered.
inline constexpr std::size_t kMostInUse = 100;

std::vector<Expected> expected_after(const Node& top, std::span<const Token> words, Candidate::Purpose purpose);
bool may_end(const Node& top, std::span<const Token> words, Candidate::Purpose purpose);

}  // namespace hairpin::config
