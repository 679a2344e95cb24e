#include "gateway/range_column.h"

#include <algorithm>
#include <limits>

namespace hairpin::gateway {

namespace {

constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();

constexpr std::uint64_t change_at(std::uint32_t number, std::size_t row) { return std::uint64_t{number} << 32 | row; }

void flip(std::vector<std::uint64_t>& words, std::size_t row) { words[row / 64] ^= std::uint64_t{1} << (row % 64); }
void set(std::uint64_t* words, std::size_t bit) { words[bit / 64] |= std::uint64_t{1} << (bit % 64); }

}  // namespace

void RangeColumn::add(std::uint32_t first, std::uint32_t last, std::size_t row) { ranges_.push_back({row, first, last}); }

// Where two ranges of a row overlap, the bit would change twice in one of them.
void RangeColumn::merge_ranges() {
    const auto before = [](const Range& a, const Range& b) { return a.row != b.row ? a.row < b.row : a.first < b.first; };
    if (!std::is_sorted(ranges_.begin(), ranges_.end(), before)) std::sort(ranges_.begin(), ranges_.end(), before);
    std::size_t kept = 0;
    for (const Range& range : ranges_) {
        Range* last = kept == 0 ? nullptr : &ranges_[kept - 1];
        if (last != nullptr && last->row == range.row && range.first <= last->last)
            last->last = std::max(last->last, range.last);
        else
            ranges_[kept++] = range;
    }
    ranges_.resize(kept);
}

void RangeColumn::finish(std::size_t rows) {
    merge_ranges();
    std::vector<std::uint64_t> changes;  // the number above, the row below
    changes.reserve(2 * ranges_.size());
    for (const Range& range : ranges_) {
        changes.push_back(change_at(range.first, range.row));
        if (range.last != kLast) changes.push_back(change_at(range.last + 1, range.row));
    }
    ranges_ = {};
    std::sort(changes.begin(), changes.end());
    for (const std::uint64_t change : changes) {
        numbers_.push_back(static_cast<std::uint32_t>(change >> 32));
        rows_.push_back(static_cast<std::uint32_t>(change));
    }

    words_ = words_for(rows);
    std::vector<std::uint64_t> bits(words_);
    for (const std::size_t row : everywhere_) set(bits.data(), row);
    const std::size_t most = std::clamp(kMostBytes / (8 * std::max<std::size_t>(words_, 1)), std::size_t{1}, kMostMarks);
    step_ = std::max(kLeastStep, rows_.size() / most + 1);
    marks_.reserve((rows_.size() / step_ + 1) * words_);
    keep_mark(bits);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        flip(bits, rows_[i]);
        if ((i + 1) % step_ == 0) keep_mark(bits);
    }
}

void RangeColumn::keep_mark(const std::vector<std::uint64_t>& bits) {
    marks_.insert(marks_.end(), bits.begin(), bits.end());
    summaries_.resize(summaries_.size() + words_for(words_));
    std::uint64_t* summary = summaries_.data() + summaries_.size() - words_for(words_);
    for (std::size_t word = 0; word < words_; ++word)
        if (bits[word] != 0) set(summary, word);
}

RangeColumn::Bits RangeColumn::at(std::uint32_t number) const {
    // How many changes there are up to the number: a binary search whose steps are no branches.
    const std::uint32_t* base = numbers_.data();
    std::size_t left = numbers_.size();
    while (left > 1) {
        const std::size_t half = left / 2;
        base += base[half - 1] <= number ? half : 0;
        left -= half;
    }
    const std::size_t done = static_cast<std::size_t>(base - numbers_.data()) + (left == 1 && *base <= number ? 1 : 0);

    const std::size_t mark = std::min((done + step_ / 2) / step_, rows_.size() / step_);
    Bits bits;
    bits.mark_ = marks_.data() + mark * words_;
    bits.summary_words_ = words_for(words_);
    bits.summary_ = summaries_.data() + mark * bits.summary_words_;
    bits.changed_begin_ = rows_.data() + std::min(done, mark * step_);
    bits.changed_end_ = rows_.data() + std::max(done, mark * step_);
    return bits;
}

void RangeColumn::Bits::add_summary(std::uint64_t* summary) const {
    for (std::size_t i = 0; i < summary_words_; ++i) summary[i] |= summary_[i];
    for (const std::uint32_t* row = changed_begin_; row != changed_end_; ++row) set(summary, *row / 64);
}

}  // namespace hairpin::gateway
