#pragma once
// ARP for IPv4 over Ethernet, RFC 826: hardware type 1, protocol type 0x0800, lengths 6 and 4.

#include "net/big_endian.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"

namespace hairpin {

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

struct ArpHeader {
    Be16 hardware_type{1};
    Be16 protocol_type{0x0800};
    std::uint8_t hardware_length = 6;
    std::uint8_t protocol_length = 4;
    Be16 operation;
    MacAddress sender_mac;
    Ipv4Address sender_address;
    MacAddress target_mac;
    Ipv4Address target_address;

    bool is_ipv4_over_ethernet() const {
        return hardware_type.value() == 1 && protocol_type.value() == 0x0800 && hardware_length == 6 && protocol_length == 4;
    }
};
static_assert(sizeof(ArpHeader) == 28 && alignof(ArpHeader) == 1);

}  // namespace hairpin
