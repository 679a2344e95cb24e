#pragma once
// Which of many things could overlap one, without a look at each: bit vectors, one bit a thing (Lakshman and Stiliadis, SIGCOMM 1998).
//
//   In each dimension a thing has a set of numbers, from a smallest to a largest, perhaps with gaps. Of three things
//
//        a  ├────┤                   begun by 50   a b         bits 011
//        b       ├───────┤           over before 30  a         bits 001
//        c               ├────┤      so [30, 50] is overlapped by b alone
//           0   20  30  50  60
//
//   Things are kept in the order of their beginnings, and of their ends, with the bits so far at every few places. So a dimension costs
//   two binary searches and a handful of bits, and several dimensions are a bitwise AND. What begins and ends gaps is kept in one order
//   more, in which a bit changes with each: those that are set where the wanted numbers begin have a gap there.
//
// It may name things that do not overlap (their gaps are many, or what is wanted is large) but never leaves one out that does. An
// order of n things takes n * kMostMarks / 8 bytes.

#include <cstdint>
#include <span>
#include <vector>

#include "gateway/analysis/interval_set.h"

namespace hairpin::gateway::analysis {

class OverlapIndex {
public:
    // One set for each dimension.
    using Shape = std::span<const IntervalSet>;

    // Things are numbered as they are added, from 0. All are added before the first search.
    explicit OverlapIndex(std::size_t dimensions) : dimensions_(dimensions) {}
    void add(Shape shape);
    // A number that is never found.
    void add_nothing();
    std::size_t size() const { return things_; }

    // Replaces `found` by the numbers of those below `end` that could overlap, upwards.
    void find(Shape wanted, std::size_t end, std::vector<std::size_t>& found) const;

private:
    using Bits = std::vector<std::uint64_t>;

    // Things in the order of a number that each has.
    class Order {
    public:
        void add(std::uint32_t number, std::size_t thing) { entries_.push_back(std::uint64_t{number} << 32 | thing); }
        void finish(std::size_t words);
        // How many have this number, or a smaller one.
        std::size_t count_to(std::uint32_t number) const;
        std::size_t size() const { return entries_.size(); }
        // The bits of the first so many; of what is there twice none.
        void first(std::size_t count, Bits& bits) const;

        // Clears the bits of the things at [from, to).
        void clear(std::size_t from, std::size_t to, Bits& bits) const;

    private:
        std::size_t thing_at(std::size_t place) const { return static_cast<std::uint32_t>(entries_[place]); }

        std::vector<std::uint64_t> entries_;  // a number above, its thing below
        std::size_t step_ = 1;                // entries between two marks
        std::vector<Bits> marks_;
    };
    struct Dimension {
        Order begins, ends, gaps;
        void add(const IntervalSet& set, std::size_t thing);
        // Leaves in `among` those that overlap `wanted`.
        void narrow(const IntervalSet& wanted, Bits& among) const;
        void overlapping(Interval wanted, Bits& bits) const;
        mutable Bits found, more, others;  // kept for their memory, as below
    };
    void finish() const;

    mutable std::vector<Dimension> dimensions_;
    mutable bool finished_ = false;
    std::size_t things_ = 0;
    Bits there_;  // those that were not added as nothing
    mutable Bits among_;
};

}  // namespace hairpin::gateway::analysis
