#pragma once
// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash whose value nobody can guess without the key, however many others he has seen. Where
// a stranger is given the value itself; tables, whose hashes nobody sees, have the faster net/hash.h.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "net/hash.h"

namespace hairpin {

inline std::uint64_t siphash(std::span<const std::byte> message, const HashKey& key) {
    static_assert(std::endian::native == std::endian::little, "words are read as they stand");
    std::uint64_t a = key.first ^ 0x736f'6d65'7073'6575, b = key.second ^ 0x646f'7261'6e64'6f6d;
    std::uint64_t c = key.first ^ 0x6c79'6765'6e65'7261, d = key.second ^ 0x7465'6462'7974'6573;
    const auto mix = [&](unsigned rounds) {
        for (; rounds > 0; --rounds) {
            a += b, b = std::rotl(b, 13) ^ a, a = std::rotl(a, 32);
            c += d, d = std::rotl(d, 16) ^ c;
            a += d, d = std::rotl(d, 21) ^ a;
            c += b, b = std::rotl(b, 17) ^ c, c = std::rotl(c, 32);
        }
    };
    const auto take = [&](std::uint64_t word) {
        d ^= word;
        mix(2);
        a ^= word;
    };
    std::size_t taken = 0;
    for (std::uint64_t word = 0; message.size() - taken >= sizeof word; taken += sizeof word) {
        std::memcpy(&word, message.data() + taken, sizeof word);
        take(word);
    }
    std::uint64_t last = std::uint64_t{message.size()} << 56;
    std::memcpy(&last, message.data() + taken, message.size() - taken);
    take(last);
    c ^= 0xff;
    mix(4);
    return a ^ b ^ c ^ d;
}

}  // namespace hairpin
