#pragma once
// How long packets have taken: the mean and the longest exactly, and any percentile to 3 %, in a memory that does not grow.
//
// Times are counted in buckets, 32 to each doubling. From 1 us up; what is shorter counts as 0, and what is longer than 2^32 us as that.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "net/time.h"

namespace hairpin::l2 {

class DelayHistogram {
public:
    void add(Duration delay) {
        const auto nanoseconds = static_cast<std::uint64_t>(delay.count() > 0 ? delay.count() : 0);
        ++buckets_[bucket_of(nanoseconds / 1000)];
        ++count_;
        sum_ += nanoseconds;
        if (nanoseconds > longest_) longest_ = nanoseconds;
    }
    std::uint64_t count() const { return count_; }
    Duration mean() const { return Duration{static_cast<Duration::rep>(count_ == 0 ? 0 : sum_ / count_)}; }
    Duration longest() const { return Duration{static_cast<Duration::rep>(longest_)}; }
    // What `share` of the packets did not exceed: of 0.99, the p99.
    Duration percentile(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen > wanted || (seen == count_ && count_ > 0)) {
                const std::uint64_t end = end_of(i) * 1000;
                return Duration{static_cast<Duration::rep>(end < longest_ ? end : longest_)};
            }
        }
        return {};
    }

private:
    static constexpr unsigned kFine = 5;  // bits behind the leading one
    static constexpr std::size_t kSteps = std::size_t{1} << kFine;
    static constexpr unsigned kLargestBits = 32;

    // Below kSteps a bucket for each microsecond; from there on, kSteps for each power of two.
    static std::size_t bucket_of(std::uint64_t microseconds) {
        constexpr std::uint64_t kMost = (std::uint64_t{1} << kLargestBits) - 1;
        if (microseconds > kMost) microseconds = kMost;
        if (microseconds < kSteps) return static_cast<std::size_t>(microseconds);
        const auto shift = static_cast<unsigned>(std::bit_width(microseconds)) - kFine - 1;
        return (static_cast<std::size_t>(shift) + 1) * kSteps + static_cast<std::size_t>((microseconds >> shift) & (kSteps - 1));
    }
    static std::uint64_t end_of(std::size_t bucket) {
        if (bucket < kSteps) return bucket + 1;
        const std::size_t shift = bucket / kSteps - 1;
        return (std::uint64_t{kSteps} + bucket % kSteps + 1) << shift;
    }

    std::array<std::uint64_t, (kLargestBits - kFine + 1) * kSteps> buckets_{};
    std::uint64_t count_ = 0, sum_ = 0, longest_ = 0;
};

}  // namespace hairpin::l2
