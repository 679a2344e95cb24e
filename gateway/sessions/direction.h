#pragma once
// A session's two ways: the original one of its first packet, and the reply's.

#include <cstddef>
#include <cstdint>

namespace hairpin::gateway {

enum class Direction : std::uint8_t { original = 0, reply = 1 };
constexpr Direction opposite(Direction direction) {
    return direction == Direction::original ? Direction::reply : Direction::original;
}
constexpr std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }

}  // namespace hairpin::gateway
