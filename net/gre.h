#pragma once
// GRE, RFC 2784 with the key and sequence number of RFC 2890, and the enhanced GRE of PPTP, RFC 2637 §4.1, whose key is a length and the
// call id that the receiver has given out. Its checksum covers no address.
//
//   version 0   flags, version │ protocol │ [checksum, reserved] │ [key] │ [sequence]
//   version 1   flags, version │ 0x880b   │ payload length, call id │ [sequence] │ [acknowledgment]

#include "net/big_endian.h"

namespace hairpin {

struct GreHeader {
    static constexpr std::uint16_t kChecksum = 0x8000, kRouting = 0x4000, kKey = 0x2000, kSequence = 0x1000,
                                   kAcknowledgment = 0x0080, kVersion = 0x0007;
    static constexpr std::uint16_t kPointToPoint = 0x880b;

    Be16 flags_and_version;
    Be16 protocol;

    bool has(std::uint16_t flag) const { return (flags_and_version.value() & flag) != 0; }
    unsigned version() const { return flags_and_version.value() & kVersion; }
    // PPTP's: the key is there, and a call id is in it.
    bool is_enhanced() const { return version() == 1 && has(kKey) && protocol.value() == kPointToPoint; }
    // Where the key stands, from the header's first byte, if there is one.
    std::size_t key_offset() const {
        const bool words = !is_enhanced() && (has(kChecksum) || has(kRouting));
        return sizeof(GreHeader) + (words ? std::size_t{4} : 0);
    }
    std::size_t length() const {
        return key_offset() + (has(kKey) ? std::size_t{4} : 0) + (has(kSequence) ? std::size_t{4} : 0) +
               (is_enhanced() && has(kAcknowledgment) ? std::size_t{4} : 0);
    }
};
static_assert(sizeof(GreHeader) == 4 && alignof(GreHeader) == 1);

}  // namespace hairpin
