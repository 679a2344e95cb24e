#pragma once
// Lists of ranges, of addresses or of ports, as rules have them.

#include <algorithm>
#include <vector>

namespace hairpin::gateway {

template <class Range, class Value>
bool holds(const std::vector<Range>& ranges, Value value) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) { return range.contains(value); });
}

// An empty list is "any".
template <class Range, class Value>
bool holds_or_any(const std::vector<Range>& ranges, Value value) {
    return ranges.empty() || holds(ranges, value);
}

}  // namespace hairpin::gateway
