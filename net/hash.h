#pragma once
// A keyed hash for tables that strangers can fill: without the key nobody can choose keys that meet in one bucket.
// Two rounds of 64 x 64 -> 128-bit multiplication, folded; about 3 ns.

#include <cstdint>

namespace hairpin {

// 128 secret bits from the kernel's generator (runtime/) or a test's printed seed.
struct HashKey {
    std::uint64_t first = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t second = 0xc2b2'ae3d'27d4'eb4f;
};

namespace detail {
inline std::uint64_t multiply_fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
}  // namespace detail

inline std::uint64_t keyed_hash(std::uint64_t a, std::uint64_t b, const HashKey& key) {
    const std::uint64_t once = detail::multiply_fold(a ^ key.first, b ^ key.second);
    return detail::multiply_fold(once ^ key.second, key.first | 1);
}
inline std::uint64_t keyed_hash(std::uint64_t a, const HashKey& key) { return keyed_hash(a, 0x2545'f491'4f6c'dd1d, key); }

}  // namespace hairpin
