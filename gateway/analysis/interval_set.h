#pragma once
// A set of numbers as intervals: addresses, L4 ports, protocols, interfaces. Exact, whatever the size of the numbers.
//
//   {10-19, 40-49} intersected with {15-42} is {15-19, 40-42}
//   {10-19, 40-49} without          {15-42} is {10-14, 43-49}
//
// A value that never changes: a copy shares its intervals. A single interval, which most sets of a ruleset are, is held in place.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hairpin::gateway::analysis {

struct Interval {
    std::uint32_t first = 1, last = 0;  // both belong to it
    friend constexpr bool operator==(const Interval&, const Interval&) = default;
};

class IntervalSet {
public:
    IntervalSet() = default;  // nothing
    IntervalSet(std::uint32_t first, std::uint32_t last) : hull_{first, last} {}
    // In any order; they may overlap.
    static IntervalSet of(std::vector<Interval> intervals);
    static IntervalSet single(std::uint32_t number) { return {number, number}; }

    bool empty() const { return hull_.last < hull_.first; }
    bool contains(std::uint32_t number) const;
    // Upwards, with a gap between each two.
    std::span<const Interval> intervals() const {
        if (intervals_) return *intervals_;
        return {&hull_, empty() ? 0U : 1U};
    }
    std::uint32_t smallest() const { return hull_.first; }
    std::uint32_t largest() const { return hull_.last; }

    bool overlaps(const IntervalSet& other) const {
        if (empty() || other.empty() || disjoint_hulls(other)) return false;
        return (!intervals_ && !other.intervals_) || have_common(other);
    }
    bool within(const IntervalSet& other) const;
    IntervalSet intersected(const IntervalSet& other) const;
    IntervalSet united(const IntervalSet& other) const;
    IntervalSet without(const IntervalSet& other) const;
    // Every number and `distance`; what would lie outside of 0 to 2^32-1 is left out.
    IntervalSet moved(std::int64_t distance) const;

    friend bool operator==(const IntervalSet& a, const IntervalSet& b);

private:
    bool have_common(const IntervalSet& other) const;
    // Of intervals that stand upwards with gaps between them.
    static IntervalSet from_sorted(std::vector<Interval> intervals);
    bool disjoint_hulls(const IntervalSet& other) const {
        return hull_.last < other.hull_.first || other.hull_.last < hull_.first;
    }

    Interval hull_;                                           // from the smallest to the largest
    std::shared_ptr<const std::vector<Interval>> intervals_;  // none: the hull is the only one, or the set is empty
};

}  // namespace hairpin::gateway::analysis
