#pragma once
// A rate: `per_second` tokens a second come in, at most a second's worth is kept, each event takes one. Starts full.

#include <algorithm>
#include <cstdint>

#include "net/time.h"

namespace hairpin::gateway {

class TokenBucket {
public:
    constexpr explicit TokenBucket(unsigned per_second = 0) : per_second_(per_second), credit_(kSecond * per_second) {}

    // False when there is none. A rate of zero never has one.
    bool take(Timestamp now) {
        // Credit is counted in tokens times nanoseconds, so that no fraction of a token is ever lost. More than a second of
        // silence fills the bucket and no more, which also keeps the product within 64 bits.
        const Duration silence = std::clamp(now - last_, Duration{0}, kSecond);
        last_ = std::max(last_, now);
        credit_ = std::min(credit_ + silence * per_second_, kSecond * per_second_);
        if (credit_ < kSecond) return false;
        credit_ -= kSecond;
        return true;
    }

private:
    static constexpr Duration kSecond = std::chrono::seconds{1};
    unsigned per_second_;
    Duration credit_;
    Timestamp last_{};
};

}  // namespace hairpin::gateway
