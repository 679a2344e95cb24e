#pragma once
// Of which session a packet is that passes an interface of the gateway, and by which rules. What is needed to ask is taken from the packet as it
// passes; it is asked when the burst is over, because the session of a first packet comes to be only behind the interface.

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "gateway/edge_gateway.h"
#include "net/flow_key.h"
#include "net/mac_address.h"
#include "net/numbers.h"
#include "net/packet.h"

namespace hairpin::runtime {

struct SessionHint {
    enum class Way : std::uint8_t { none, inbound, outbound };

    Way way = Way::none;
    bool about_error = false;  // an ICMP error: the key is that of the packet which it quotes
    bool begins_icmp = false;  // of ICMP that is no error
    std::uint8_t icmp_type = 0, icmp_code = 0;
    InterfaceId interface = kNoInterface;
    MacAddress source_mac;
    Ipv4FlowKey key;
};
static_assert(std::is_trivially_copyable_v<SessionHint>);

// Nothing (Way::none) of what is no IPv4, and of a fragment that is not the first of its datagram.
SessionHint session_hint(const Packet& packet, SessionHint::Way way, InterfaceId interface);

// "session 17, original direction, firewall rule 3, dnat rule 196613, snat rule 196612", with a comma behind the session's number
// whatever follows, so that it can be searched for. Empty where there is none.
std::string session_comment(const SessionHint& hint, const gateway::EdgeGateway& gateway);

// Of a packet that the firewall has refused: "firewall rule 7", as it decides now. Empty of any other.
std::string refusal_comment(const SessionHint& hint, const gateway::EdgeGateway& gateway);

}  // namespace hairpin::runtime
