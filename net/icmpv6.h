#pragma once
// ICMPv6 header, RFC 4443. Its checksum covers the IPv6 pseudo-header too, unlike ICMP's.

#include "net/big_endian.h"

namespace hairpin {

enum class Icmpv6Type : std::uint8_t {
    destination_unreachable = 1,
    packet_too_big = 2,
    time_exceeded = 3,
    parameter_problem = 4,
    echo_request = 128,
    echo_reply = 129,
    router_solicitation = 133,
    router_advertisement = 134,
    neighbor_solicitation = 135,
    neighbor_advertisement = 136,
};

struct Icmpv6Header {
    std::uint8_t type_number = 0;
    std::uint8_t code = 0;
    Be16 checksum;
    Be32 body;  // identifier and sequence, MTU, or unused, by type

    Icmpv6Type type() const { return static_cast<Icmpv6Type>(type_number); }
    bool is_error() const { return type_number < 128; }
};
static_assert(sizeof(Icmpv6Header) == 8 && alignof(Icmpv6Header) == 1);

}  // namespace hairpin
