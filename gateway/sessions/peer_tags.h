#pragma once
// What the two sides of a session call each other, as far as their packets have shown it: SCTP's verification tags (RFC 9260 §8.5) and
// ESP's SPIs. A place for each direction: what its packets carry, which their receiver has given out; 0: not known yet.

#include <cstdint>
#include <type_traits>

namespace hairpin::gateway {

struct PeerTags {
    std::uint32_t carried[2];
};
static_assert(std::is_trivially_copyable_v<PeerTags>);

}  // namespace hairpin::gateway
