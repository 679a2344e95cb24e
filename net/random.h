#pragma once
// Random numbers for port allocation (RFC 6056) and the like: a counter through a keyed hash. The key comes from the kernel's
// generator (runtime/) or from a test's printed seed; without it, ports that were seen tell nothing about those to come.

#include <cstdint>

#include "net/hash.h"

namespace hairpin {

class Random {
public:
    constexpr explicit Random(HashKey seed) : key_(seed) {}

    std::uint64_t next() { return keyed_hash(++counter_, key_); }
    // Uniform in [0, bound); bound > 0. The bias of a 64-bit multiplication is below 2^-32 for bounds up to 2^32.
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>((std::uint64_t{static_cast<std::uint32_t>(next() >> 32)} * bound) >> 32);
    }

private:
    HashKey key_;
    std::uint64_t counter_ = 0;
};

}  // namespace hairpin
