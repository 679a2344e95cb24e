#pragma once
// The query of a querier as a frame: IGMP version 3 (RFC 3376 4.1) and MLD version 2 (RFC 3810 5.1), which hosts of older versions understand.

#include <cstddef>
#include <optional>
#include <vector>

#include "net/ipv4_address.h"
#include "net/ipv6_address.h"
#include "net/mac_address.h"
#include "net/time.h"
#include "switch/multicast/group.h"

namespace hairpin::l2 {

// Without a group: asks for all. Times beyond what the field can say (12.7 s, 32 s; 127 s of the interval) are the longest that it can.
std::vector<std::byte> igmp_query_frame(MacAddress from, Ipv4Address source, const std::optional<MulticastGroup>& group,
                                        Duration response_time, Duration interval);
std::vector<std::byte> mld_query_frame(MacAddress from, const std::optional<MulticastGroup>& group, Duration response_time,
                                       Duration interval);

// The address that an interface of this MAC has on the link (RFC 4291 appendix A).
Ipv6Address link_local_address_of(MacAddress mac);

}  // namespace hairpin::l2
