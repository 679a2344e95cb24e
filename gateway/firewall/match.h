#pragma once
// Which firewall rule is the first that matches. Asked once a session, not once a packet.

#include <optional>

#include "gateway/ruleset.h"
#include "net/flow_key.h"

namespace hairpin::gateway {

// All that a rule may look at when a session begins.
struct FirewallQuestion {
    Ipv4FlowKey original;                 // as the packet came in
    Ipv4FlowKey translated;               // after DNAT; the source is still the sender's
    std::optional<InterfaceId> inbound;   // none: the packet is the gateway's own
    std::optional<InterfaceId> outbound;  // none: the packet is for the gateway itself
    std::optional<std::uint8_t> icmp_type;
    std::uint8_t icmp_code = 0;
    // That the packet was sent from. None where nobody knows, as of the gateway's own packets: no MAC of a rule is it.
    std::optional<MacAddress> source_mac = {};
};

// Whether this rule matches; when it does not and `nearest_miss` is given, it receives the name of the first field that failed.
bool matches(const FirewallRule& rule, const FirewallQuestion& question, const char** nearest_miss = nullptr);

// The first rule in force that matches. There is always one: a Ruleset's last rule is the default, which matches everything.
const FirewallRule& first_match(const Ruleset& ruleset, const FirewallQuestion& question);

}  // namespace hairpin::gateway
