#include "gateway/analysis/interval_set.h"

#include <algorithm>

namespace hairpin::gateway::analysis {

namespace {
constexpr std::uint32_t kLargest = ~std::uint32_t{0};
}

IntervalSet IntervalSet::from_sorted(std::vector<Interval> intervals) {
    if (intervals.empty()) return {};
    IntervalSet set{intervals.front().first, intervals.back().last};
    if (intervals.size() > 1) set.intervals_ = std::make_shared<const std::vector<Interval>>(std::move(intervals));
    return set;
}

IntervalSet IntervalSet::of(std::vector<Interval> intervals) {
    std::erase_if(intervals, [](const Interval& interval) { return interval.last < interval.first; });
    std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) { return a.first < b.first; });
    std::vector<Interval> joined;
    for (const Interval& interval : intervals) {
        const bool touches = !joined.empty() && (joined.back().last == kLargest || interval.first <= joined.back().last + 1);
        if (touches)
            joined.back().last = std::max(joined.back().last, interval.last);
        else
            joined.push_back(interval);
    }
    return from_sorted(std::move(joined));
}

bool IntervalSet::contains(std::uint32_t number) const {
    const auto all = intervals();
    const auto after = std::upper_bound(all.begin(), all.end(), number,
                                        [](std::uint32_t value, const Interval& interval) { return value < interval.first; });
    return after != all.begin() && number <= std::prev(after)->last;
}

bool IntervalSet::have_common(const IntervalSet& other) const {
    const auto mine = intervals(), theirs = other.intervals();
    for (std::size_t i = 0, j = 0; i < mine.size() && j < theirs.size();) {
        if (mine[i].last < theirs[j].first)
            ++i;
        else if (theirs[j].last < mine[i].first)
            ++j;
        else
            return true;
    }
    return false;
}

bool IntervalSet::within(const IntervalSet& other) const {
    if (empty()) return true;
    if (other.empty() || hull_.first < other.hull_.first || hull_.last > other.hull_.last) return false;
    if (!other.intervals_ || intervals_ == other.intervals_) return true;
    const auto theirs = other.intervals();
    std::size_t j = 0;
    for (const Interval& interval : intervals()) {
        while (j < theirs.size() && theirs[j].last < interval.first) ++j;
        if (j == theirs.size() || interval.first < theirs[j].first || interval.last > theirs[j].last) return false;
    }
    return true;
}

IntervalSet IntervalSet::intersected(const IntervalSet& other) const {
    if (empty() || other.empty() || disjoint_hulls(other)) return {};
    if (!other.intervals_ && other.hull_.first <= hull_.first && hull_.last <= other.hull_.last) return *this;
    if (!intervals_ && hull_.first <= other.hull_.first && other.hull_.last <= hull_.last) return other;
    if (!intervals_ && !other.intervals_)
        return {std::max(hull_.first, other.hull_.first), std::min(hull_.last, other.hull_.last)};
    const auto mine = intervals(), theirs = other.intervals();
    std::vector<Interval> common;
    for (std::size_t i = 0, j = 0; i < mine.size() && j < theirs.size();) {
        const Interval both{std::max(mine[i].first, theirs[j].first), std::min(mine[i].last, theirs[j].last)};
        if (both.first <= both.last) common.push_back(both);
        if (mine[i].last < theirs[j].last)
            ++i;
        else
            ++j;
    }
    return from_sorted(std::move(common));
}

IntervalSet IntervalSet::united(const IntervalSet& other) const {
    if (within(other)) return other;
    if (other.within(*this)) return *this;
    const auto mine = intervals(), theirs = other.intervals();
    std::vector<Interval> both{mine.begin(), mine.end()};
    both.insert(both.end(), theirs.begin(), theirs.end());
    return of(std::move(both));
}

IntervalSet IntervalSet::without(const IntervalSet& other) const {
    if (empty() || other.empty() || disjoint_hulls(other)) return *this;
    if (!other.intervals_ && other.hull_.first <= hull_.first && hull_.last <= other.hull_.last) return {};
    std::vector<Interval> left;
    const auto theirs = other.intervals();
    std::size_t j = 0;
    for (const Interval& interval : intervals()) {
        while (j < theirs.size() && theirs[j].last < interval.first) ++j;
        std::uint32_t from = interval.first;
        bool over = false;
        for (std::size_t k = j; !over && k < theirs.size() && theirs[k].first <= interval.last; ++k) {
            if (from < theirs[k].first) left.push_back({from, theirs[k].first - 1});
            over = theirs[k].last >= interval.last;
            if (!over) from = theirs[k].last + 1;
        }
        if (!over) left.push_back({from, interval.last});
    }
    return from_sorted(std::move(left));
}

IntervalSet IntervalSet::moved(std::int64_t distance) const {
    if (distance == 0) return *this;
    std::vector<Interval> there;
    for (const Interval& interval : intervals()) {
        const std::int64_t first = std::max<std::int64_t>(interval.first + distance, 0);
        const std::int64_t last = std::min<std::int64_t>(interval.last + distance, kLargest);
        if (first <= last) there.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
    }
    return from_sorted(std::move(there));
}

bool operator==(const IntervalSet& a, const IntervalSet& b) {
    const auto mine = a.intervals(), theirs = b.intervals();
    return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end());
}

}  // namespace hairpin::gateway::analysis
