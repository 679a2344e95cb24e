#pragma once
// Who is who in the guide's lab.

#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/numbers.h"

namespace hairpin::testing {

inline constexpr Ipv4Address kWorkstation{192, 168, 255, 2}, kWebServer{192, 168, 255, 10}, kGateway{192, 168, 255, 1},
    kExternal{203, 0, 113, 80}, kRouter{203, 0, 113, 1}, kInternet{198, 51, 100, 10};
inline constexpr Ipv4Address kSecondHost{192, 168, 255, 3};  // beside the workstation, where there is one
inline constexpr InterfaceId kUplink{0}, kLan{1};
inline constexpr auto kUplinkMac = MacAddress::from_number(0x0200'0000'aa00);
inline constexpr auto kLanMac = MacAddress::from_number(0x0200'0000'aa01);

}  // namespace hairpin::testing
