#pragma once
// One field of all rules: which of them have a number in their ranges. The bit vectors of Lakshman and Stiliadis (SIGCOMM 1998), kept at
// some places only.
//
//   rule 0  ├────────┤            going upwards, a bit changes where a range begins
//   rule 1       ├─────────┤      and behind its end:
//   rule 2               ├──┤
//          001  011 010 110 100   (rule 0 is the lowest bit)
//
// The changes are sorted by number. Every few of them the bits as they are by then are kept, a mark; the bits at a number are those of the
// nearest mark with the changes between undone or done. So memory grows with the rules and not with their square: at most kMostMarks
// marks, and kMostBytes.
//
// Beside a mark's words stands a summary, a bit for each word that is not zero (Baboescu and Varghese, SIGCOMM 2001): of most rules most
// words are, and nobody looks at those.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hairpin::gateway {

// Of 64 bits each.
constexpr std::size_t words_for(std::size_t bits) { return (bits + 63) / 64; }

class RangeColumn {
public:
    static constexpr std::size_t kMostMarks = 1024, kLeastStep = 8;
    static constexpr std::size_t kMostBytes = 4 * 1024 * 1024;  // of marks; a mark more than needed by then costs changes instead

    // Both before finish(). Ranges of one row may overlap.
    void add(std::uint32_t first, std::uint32_t last, std::size_t row);
    void add_everything(std::size_t row) { everywhere_.push_back(row); }
    void finish(std::size_t rows);

    // Nobody is in it, whatever the number.
    bool empty() const { return numbers_.empty() && everywhere_.empty(); }

    // The bits at a number. Valid as long as the column.
    class Bits {
    public:
        std::uint64_t word(std::size_t place) const {
            std::uint64_t bits = mark_[place];
            for (const std::uint32_t* row = changed_begin_; row != changed_end_; ++row)
                if (*row / 64 == place) bits ^= std::uint64_t{1} << (*row % 64);
            return bits;
        }
        // Sets in `summary` the bits of the words that may not be zero, 64 words a number.
        void add_summary(std::uint64_t* summary) const;

    private:
        friend class RangeColumn;
        const std::uint64_t *mark_ = nullptr, *summary_ = nullptr;
        std::size_t summary_words_ = 0;
        const std::uint32_t *changed_begin_ = nullptr, *changed_end_ = nullptr;  // rows
    };
    Bits at(std::uint32_t number) const;

private:
    struct Range {
        std::size_t row;
        std::uint32_t first, last;
    };
    void merge_ranges();
    void keep_mark(const std::vector<std::uint64_t>& bits);

    std::vector<Range> ranges_;  // until finish()
    std::vector<std::size_t> everywhere_;
    std::vector<std::uint32_t> numbers_, rows_;  // where a bit changes, upwards, and whose
    std::size_t step_ = kLeastStep, words_ = 0;
    std::vector<std::uint64_t> marks_, summaries_;  // the bits after every step_ changes, words_ each; the first before them all
};

}  // namespace hairpin::gateway
