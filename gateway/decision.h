#pragma once
// The walk that the first packet of a session takes through the rules, in the order of NAT-AND-FIREWALL 2:
//
//   source believed? → DNAT on the inbound interface → ours? → route → firewall → SNAT on the outbound interface
//
// What no dnat rule takes may be for a mapping, which says what address and port it is inside, if its filtering lets the packet in.
//
// A pure function of the rules, the mappings and the packet's key: it changes nothing, so the gateway asks it for the first packet, for a
// session that an older Ruleset decided, and for the tracer.

#include <optional>

#include "gateway/nat/mapping_table.h"
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
    bool admitted = false;                      // a mapping has let it in already, when its session began
    std::optional<Ipv4Address> target = {};     // where its session goes already: it stays there while the rule has that target
};

struct Decision {
    enum class Outcome : std::uint8_t {
        forward,
        local,
        no_route,
        denied,
        rejected,
        no_translation,
        directed_broadcast,
        link_local,
        spoofed,
        filtered,  // by a mapping, which does not let it in
    };

    Outcome outcome = Outcome::denied;
    RuleId firewall_rule = kNoRule, dnat_rule = kNoRule, snat_rule = kNoRule;
    bool firewall_logs = false, dnat_logs = false, snat_logs = false;  // which of these rules want a record of it
    Ipv4FlowKey after_dnat;
    InterfaceId outbound{};
    Ipv4Address next_hop;
    std::optional<SourceChoice> source;  // none: the source stays
    // The destination is what this mapping says; dnat_rule is the snat rule that made it. Of a packet from another inside host whether it is let
    // in is known only when its own source is chosen.
    MappingIndex mapping = kNoMapping;
    bool hairpins_by_mapping = false;
    RejectWith reject_with = RejectWith::icmp;
    std::optional<TcpTracking> tcp_tracking = {};  // of the firewall rule that accepts, if it has its own
    bool syn_proxy = false;                        // of the firewall rule that accepts

    bool logs() const { return firewall_logs || dnat_logs || snat_logs; }
    // The packet is refused, or the gateway itself takes it: no session comes of it.
    bool ends_at_firewall() const {
        return outcome == Outcome::denied || outcome == Outcome::rejected || outcome == Outcome::local;
    }
};

// Without `mappings` there are none.
Decision decide(const Ruleset& ruleset, const RouteTable& routes, const FirstPacket& packet, Tracer* tracer,
                const MappingTable* mappings = nullptr);

}  // namespace hairpin::gateway
