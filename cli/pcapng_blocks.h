#pragma once
// Blocks of pcapng (draft-ietf-opsawg-pcapng), as far as whoever carries a capture looks at them: a type, a length that counts all of the block, a body,
// and the length again.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hairpin::cli {

inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
inline constexpr std::uint32_t kInterfaceDescription = 1;
inline constexpr std::uint32_t kInterfaceStatistics = 5;
inline constexpr std::uint32_t kEnhancedPacket = 6;
inline constexpr std::size_t kSmallestBlock = 12;

// The daemon, on this machine, has written it in the machine's order.
template <class Number>
Number number_at(std::string_view bytes, std::size_t offset) {
    Number number = 0;
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

}  // namespace hairpin::cli
