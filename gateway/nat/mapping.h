#pragma once
// A mapping: what an inside address and port is outside (RFC 4787 §4). Sessions come and go; the mapping stays the same for all of them,
// so that whoever was told the outside address and port reaches the inside one, as far as the filtering lets it.
//
//   inside                  outside                        used by
//   192.168.255.2:40000  =  203.0.113.80:51812 (udp)       a session to 198.51.100.10:53, and another to 198.51.100.11:3478

#include <cstdint>
#include <type_traits>

#include "gateway/firewall/rule.h"
#include "gateway/nat/modes.h"
#include "net/time.h"
#include "net/transport_address.h"

namespace hairpin::gateway {

using MappingIndex = std::uint32_t;
inline constexpr MappingIndex kNoMapping = ~MappingIndex{0};

// A record of 64 bytes without pointers.
template <class Family>
struct alignas(64) MappingRecord {
    using End = TransportAddress<Family>;
    using Address = typename Family::Address;

    End inside;  // of flows that share a port: nobody's
    End outside;
    Address peer;  // of an address-dependent one: whom it is for
    MappingMode mode;
    FilteringMode filtering;
    FirewallMatch firewall_match;
    bool admits;  // a rule of those in force still makes it
    bool shares;  // sessions of several inside hosts have the port; only exact answers find back
    RuleId rule;  // the snat rule that made it
    InterfaceId outbound;
    std::uint32_t keepers;  // sessions that began inside, or that the inside has answered: they keep it
    std::uint32_t guests;   // sessions from outside that it let in, and that nobody has answered
    Tick rests_until;       // of one that nobody uses
    MappingIndex previous, next;

    bool shared() const { return shares; }
    // Of one session alone: nobody looks for it by its inside address and port.
    bool of_one_flow() const { return mode == MappingMode::address_and_port_dependent; }
    bool used() const { return keepers + guests > 0; }
};

using Mapping = MappingRecord<Ipv4Family>;
static_assert(sizeof(Mapping) == 64 && std::is_trivially_copyable_v<Mapping>);

}  // namespace hairpin::gateway
