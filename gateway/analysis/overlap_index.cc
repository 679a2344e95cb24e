#include "gateway/analysis/overlap_index.h"

#include <algorithm>
#include <bit>

namespace hairpin::gateway::analysis {

namespace {

constexpr std::size_t kFewestBetween = 32, kMostMarks = 128;
// A set of more intervals is taken for one from its smallest to its largest number.
constexpr std::size_t kMostIntervals = 8;
constexpr std::size_t kMostGapsFollowed = 64;

constexpr std::size_t kWord = 64;

std::uint64_t bit_of(std::size_t number) { return std::uint64_t{1} << number % kWord; }

}  // namespace

void OverlapIndex::add(Shape shape) {
    const std::size_t thing = things_;
    add_nothing();
    if (std::any_of(shape.begin(), shape.end(), [](const IntervalSet& set) { return set.empty(); })) return;
    there_[thing / kWord] |= bit_of(thing);
    for (std::size_t i = 0; i < dimensions_.size(); ++i) dimensions_[i].add(shape[i], thing);
}

void OverlapIndex::Dimension::add(const IntervalSet& set, std::size_t thing) {
    begins.add(set.smallest(), thing);
    ends.add(set.largest(), thing);
    const auto intervals = set.intervals();
    if (intervals.size() > kMostIntervals) return;
    for (std::size_t i = 1; i < intervals.size(); ++i) {
        gaps.add(intervals[i - 1].last + 1, thing);
        gaps.add(intervals[i].first, thing);
    }
}

void OverlapIndex::add_nothing() {
    there_.resize(++things_ / kWord + 1);
    finished_ = false;
}

void OverlapIndex::Order::finish(std::size_t words) {
    if (!std::is_sorted(entries_.begin(), entries_.end())) std::sort(entries_.begin(), entries_.end());
    step_ = std::max(kFewestBetween, entries_.size() / kMostMarks + 1);
    marks_.clear();
    Bits bits(words);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (i % step_ == 0) marks_.push_back(bits);
        bits[thing_at(i) / kWord] ^= bit_of(thing_at(i));
    }
    marks_.push_back(std::move(bits));
}

std::size_t OverlapIndex::Order::count_to(std::uint32_t number) const {
    const auto after = std::upper_bound(entries_.begin(), entries_.end(), std::uint64_t{number} << 32 | 0xffff'ffff);
    return static_cast<std::size_t>(after - entries_.begin());
}

void OverlapIndex::Order::first(std::size_t count, Bits& bits) const {
    if (count == entries_.size()) {
        bits = marks_.back();
        return;
    }
    bits = marks_[count / step_];
    for (std::size_t i = count - count % step_; i < count; ++i) bits[thing_at(i) / kWord] ^= bit_of(thing_at(i));
}

void OverlapIndex::Order::clear(std::size_t from, std::size_t to, Bits& bits) const {
    for (std::size_t i = from; i < to; ++i) bits[thing_at(i) / kWord] &= ~bit_of(thing_at(i));
}

void OverlapIndex::Dimension::overlapping(Interval wanted, Bits& bits) const {
    begins.first(begins.count_to(wanted.last), bits);
    ends.first(wanted.first == 0 ? 0 : ends.count_to(wanted.first - 1), others);
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= ~others[i];
    const std::size_t begun = gaps.count_to(wanted.first), changes = gaps.count_to(wanted.last) - begun;
    if (gaps.size() == 0 || changes > kMostGapsFollowed) return;
    gaps.first(begun, others);
    gaps.clear(begun, begun + changes, others);  // their gap ends too soon
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= ~others[i];
}

void OverlapIndex::Dimension::narrow(const IntervalSet& wanted, Bits& among) const {
    const Interval hull{wanted.smallest(), wanted.largest()};
    const auto all = wanted.intervals();
    const std::span<const Interval> intervals = all.size() > kMostIntervals ? std::span{&hull, 1} : all;
    const bool nothing_lies_outside =
        begins.count_to(hull.last) == begins.size() && (hull.first == 0 || ends.count_to(hull.first - 1) == 0);
    if (intervals.size() == 1 && nothing_lies_outside && gaps.count_to(hull.last) - gaps.count_to(hull.first) == gaps.size())
        return;
    overlapping(intervals.front(), found);
    for (const Interval& interval : intervals.subspan(1)) {
        overlapping(interval, more);
        for (std::size_t i = 0; i < found.size(); ++i) found[i] |= more[i];
    }
    for (std::size_t i = 0; i < among.size(); ++i) among[i] &= found[i];
}

void OverlapIndex::finish() const {
    for (Dimension& dimension : dimensions_) {
        dimension.begins.finish(there_.size());
        dimension.ends.finish(there_.size());
        dimension.gaps.finish(there_.size());
    }
    finished_ = true;
}

void OverlapIndex::find(Shape wanted, std::size_t end, std::vector<std::size_t>& found) const {
    found.clear();
    if (std::any_of(wanted.begin(), wanted.end(), [](const IntervalSet& set) { return set.empty(); })) return;
    if (!finished_) finish();
    among_ = there_;
    for (std::size_t i = 0; i < dimensions_.size(); ++i) dimensions_[i].narrow(wanted[i], among_);
    for (std::size_t word = 0; word < among_.size(); ++word)
        for (std::uint64_t bits = among_[word]; bits != 0; bits &= bits - 1) {
            const std::size_t number = word * kWord + static_cast<std::size_t>(std::countr_zero(bits));
            if (number >= end) return;
            found.push_back(number);
        }
}

}  // namespace hairpin::gateway::analysis
