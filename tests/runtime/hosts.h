#pragma once
// Who speaks in the guide's network: the hosts of its LAN, the gateway and one of the Internet.

#include "net/ipv4_address.h"
#include "net/mac_address.h"

namespace hairpin::runtime {

inline constexpr Ipv4Address kWorkstation{192, 168, 255, 2}, kStranger{192, 168, 255, 7}, kWebServer{192, 168, 255, 10},
    kGateway{192, 168, 255, 1}, kExternal{203, 0, 113, 80}, kInternet{198, 51, 100, 10};
inline constexpr auto kServerMac = MacAddress::from_number(0x0200'0000'000a);

}  // namespace hairpin::runtime
