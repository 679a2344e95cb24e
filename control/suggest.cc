#include "control/suggest.h"

#include <algorithm>
#include <numeric>

namespace hairpin::control {

namespace {
constexpr std::size_t kLongestWord = 64;
}

// Optimal string alignment: the rows of the usual table, of which three are alive at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> candidates) {
    if (typed.empty() || typed.size() > kLongestWord) return std::nullopt;
    const std::string* nearest = nullptr;
    std::size_t shortest = kLongestWord;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(typed, candidate);
        if (distance * 3 > std::max(candidate.size(), std::size_t{3}) || distance >= shortest) continue;
        nearest = &candidate;
        shortest = distance;
    }
    if (nearest == nullptr) return std::nullopt;
    return *nearest;
}

}  // namespace hairpin::control
