#pragma once
// Two hosts that speak with each other, for packets of which it is of no interest who they are.

#include "net/ipv4_address.h"
#include "net/ipv6_address.h"

namespace hairpin::testing {

inline constexpr Ipv4Address kHere{192, 0, 2, 1}, kThere{192, 0, 2, 2};
inline const Ipv6Address kHere6 = *Ipv6Address::parse("2001:db8::1"), kThere6 = *Ipv6Address::parse("2001:db8::2");

}  // namespace hairpin::testing
