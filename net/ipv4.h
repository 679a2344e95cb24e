#pragma once
// IPv4 header, RFC 791. Options follow it up to header_length() bytes.

#include "net/big_endian.h"
#include "net/ipv4_address.h"
#include "net/numbers.h"

namespace hairpin {

inline constexpr std::uint8_t kFirstTimeToLive = 64;  // of what the gateway sends itself

struct Ipv4Header {
    static constexpr std::uint16_t kDontFragment = 0x4000;
    static constexpr std::uint16_t kMoreFragments = 0x2000;
    static constexpr std::uint16_t kOffsetMask = 0x1fff;  // in units of 8 bytes

    std::uint8_t version_and_length = 0x45;
    std::uint8_t type_of_service = 0;
    Be16 total_length;  // header and payload
    Be16 identification;
    Be16 flags_and_offset;
    std::uint8_t time_to_live = 0;
    std::uint8_t protocol_number = 0;
    Be16 checksum;  // over the header alone
    Ipv4Address source;
    Ipv4Address destination;

    std::uint8_t version() const { return version_and_length >> 4; }
    std::size_t header_length() const { return std::size_t{4} * (version_and_length & 0xf); }
    IpProtocol protocol() const { return static_cast<IpProtocol>(protocol_number); }
    bool dont_fragment() const { return (flags_and_offset.value() & kDontFragment) != 0; }
    bool more_fragments() const { return (flags_and_offset.value() & kMoreFragments) != 0; }
    std::size_t fragment_offset() const { return std::size_t{8} * (flags_and_offset.value() & kOffsetMask); }  // bytes
    bool is_fragment() const { return (flags_and_offset.value() & (kMoreFragments | kOffsetMask)) != 0; }
};
static_assert(sizeof(Ipv4Header) == 20 && alignof(Ipv4Header) == 1);

}  // namespace hairpin
