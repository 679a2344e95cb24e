#pragma once
// The walk that the first packet of a session takes through the rules, in the order of NAT-AND-FIREWALL 2:
//
//   DNAT on the inbound interface → ours? → route → firewall → SNAT on the outbound interface
//
// A pure function of the rules and the packet's key: it changes nothing, so the gateway asks it for the first packet, for a
// session that an older Ruleset decided, and for the tracer.

#include <optional>

#include "gateway/nat/translate.h"
#include "gateway/routing/route_table.h"
#include "gateway/ruleset.h"
#include "gateway/trace.h"
#include "net/flow_key.h"

namespace hairpin::gateway {

struct FirstPacket {
    Ipv4FlowKey key;
    InterfaceId inbound{};  // kGatewayItself: one of its own, which no DNAT rule is asked about
    std::optional<std::uint8_t> icmp_type;
    std::uint8_t icmp_code = 0;                 // those that begin a session have no other
    std::optional<MacAddress> source_mac = {};  // that sent it; none of the gateway's own, or where nobody knows
};

struct Decision {
    enum class Outcome : std::uint8_t { forward, local, no_route, denied, rejected, no_translation, directed_broadcast };

    Outcome outcome = Outcome::denied;
    RuleId firewall_rule = kNoRule, dnat_rule = kNoRule, snat_rule = kNoRule;
    Ipv4FlowKey after_dnat;
    InterfaceId outbound{};
    Ipv4Address next_hop;
    std::optional<SourceChoice> source;  // none: the source stays
    RejectWith reject_with = RejectWith::icmp;
};

Decision decide(const Ruleset& ruleset, const RouteTable& routes, const FirstPacket& packet, Tracer* tracer);

}  // namespace hairpin::gateway
