#pragma once
// IPv6 header, RFC 8200. Extension headers, if any, follow.

#include "net/big_endian.h"
#include "net/ipv6_address.h"
#include "net/numbers.h"

namespace hairpin {

struct Ipv6Header {
    Be32 version_class_flow{0x6000'0000};
    Be16 payload_length;  // without this header
    std::uint8_t next_header = 0;
    std::uint8_t hop_limit = 0;
    Ipv6Address source;
    Ipv6Address destination;

    std::uint8_t version() const { return static_cast<std::uint8_t>(version_class_flow.value() >> 28); }
};
static_assert(sizeof(Ipv6Header) == 40 && alignof(Ipv6Header) == 1);

}  // namespace hairpin
