#pragma once
// Integers as they travel: big-endian in memory, aligned to a byte, explicit both ways. `header.length = Be16{size}` stores,
// `header.length.value()` reads; there is no implicit conversion to mix up and no htons to forget.
//
// Built on bit_cast and __builtin_bswap: g++ 12 folds neither a shift loop nor a defaulted == on byte arrays into one instruction.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hairpin {

static_assert(std::endian::native == std::endian::little, "Be* swaps unconditionally; a big-endian machine must not");

class Be16 {
public:
    constexpr Be16() = default;
    constexpr explicit Be16(std::uint16_t value) : bytes_(std::bit_cast<Bytes>(__builtin_bswap16(value))) {}
    constexpr std::uint16_t value() const { return __builtin_bswap16(raw()); }
    // The 16 bits as they lie in memory: what a ones' complement sum may add without swapping (RFC 1071 §2B).
    constexpr std::uint16_t raw() const { return std::bit_cast<std::uint16_t>(bytes_); }
    static constexpr Be16 from_raw(std::uint16_t raw) {
        Be16 result;
        result.bytes_ = std::bit_cast<Bytes>(raw);
        return result;
    }
    friend constexpr bool operator==(Be16 a, Be16 b) { return a.raw() == b.raw(); }

private:
    using Bytes = std::array<std::byte, 2>;
    Bytes bytes_{};
};

class Be32 {
public:
    constexpr Be32() = default;
    constexpr explicit Be32(std::uint32_t value) : bytes_(std::bit_cast<Bytes>(__builtin_bswap32(value))) {}
    constexpr std::uint32_t value() const { return __builtin_bswap32(raw()); }
    constexpr std::uint32_t raw() const { return std::bit_cast<std::uint32_t>(bytes_); }
    friend constexpr bool operator==(Be32 a, Be32 b) { return a.raw() == b.raw(); }

private:
    using Bytes = std::array<std::byte, 4>;
    Bytes bytes_{};
};

static_assert(sizeof(Be16) == 2 && alignof(Be16) == 1);
static_assert(sizeof(Be32) == 4 && alignof(Be32) == 1);

}  // namespace hairpin
