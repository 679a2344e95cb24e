#pragma once
// What a rule that logs has decided: a session that it let begin or translated, or a packet that it refused. One record says both
// tuples, so that nobody has to find two lines that belong together.
//
//   ACCEPT_3   lan to lan   tcp 192.168.255.2:40000 -> 203.0.113.80:80   becomes 192.168.255.1:40000 -> 192.168.255.10:80

#include <cstdint>
#include <optional>

#include "gateway/firewall/rule.h"
#include "net/flow_key.h"
#include "net/time.h"

namespace hairpin::gateway {

struct RuleRecord {
    Timestamp when;
    FirewallAction action = FirewallAction::accept;  // what the firewall did
    RuleId firewall_rule = kNoRule, dnat_rule = kNoRule, snat_rule = kNoRule;
    RuleId logged_by = kNoRule;  // of those that log, the first of firewall, DNAT, SNAT
    InterfaceId inbound{};       // kGatewayItself: the packet is its own
    InterfaceId outbound{};      // kGatewayItself: it is for the gateway
    Ipv4FlowKey original;        // as it came in
    Ipv4FlowKey translated;      // as it went out; of a refused packet as far as DNAT had come
    bool destinations = true;    // false: they are left out of both tuples (RFC 6888 REQ-12)
    std::optional<std::uint8_t> icmp_type = {};
};

// Told of what rules that log decide. Called from the packet path: must be quick and must not call back.
class RuleObserver {
public:
    virtual ~RuleObserver() = default;
    virtual void decided(const RuleRecord& record) = 0;
};

}  // namespace hairpin::gateway
