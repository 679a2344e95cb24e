#pragma once
// An IPv4 address and a port as the system's calls take them.

#include <netinet/in.h>

#include <bit>

#include "net/big_endian.h"
#include "net/ipv4_address.h"
#include "net/numbers.h"

namespace hairpin::l2 {

inline sockaddr_in socket_address(Ipv4Address address, L4Port port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = std::bit_cast<in_port_t>(Be16{port.number()});
    result.sin_addr.s_addr = std::bit_cast<in_addr_t>(address);
    return result;
}

}  // namespace hairpin::l2
