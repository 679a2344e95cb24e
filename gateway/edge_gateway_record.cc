// What is told of the decisions of rules that log. Reached only where such a rule has decided, once a session or refused packet.

#include "gateway/edge_gateway.h"

namespace hairpin::gateway {

namespace {

// RFC 6888 REQ-12: whom a subscriber speaks to is not logged unless somebody asks for it, and who lets a firewall rule log does. Of
// DNAT the destination is the gateway's own address and the server behind it, without which there would be nothing to say.
bool tells_destinations(const Decision& decision, const Ruleset& ruleset) {
    return decision.firewall_logs || decision.dnat_logs || ruleset.logging.destinations;
}

void leave_out_destination(Ipv4FlowKey& key) {
    key.destination = {};
    key.destination_port = {};
}

FirewallAction action_of(const Decision& decision) {
    switch (decision.outcome) {
        case Decision::Outcome::denied: return FirewallAction::drop;
        case Decision::Outcome::rejected: return FirewallAction::reject;
        default: return FirewallAction::accept;
    }
}

}  // namespace

void EdgeGateway::record(const Decision& decision, const Arrival& arrival, const Ipv4FlowKey& translated,
                         const Visit& visit) const {
    if (rule_observer_ == nullptr || probing_) return;
    RuleRecord record;
    record.when = visit.now;
    record.action = action_of(decision);
    record.firewall_rule = decision.firewall_rule;
    record.dnat_rule = decision.dnat_rule;
    record.snat_rule = decision.snat_rule;
    record.logged_by = decision.firewall_logs ? decision.firewall_rule
                       : decision.dnat_logs   ? decision.dnat_rule
                                              : decision.snat_rule;
    record.inbound = visit.inbound;
    record.outbound = ruleset_->owns(decision.after_dnat.destination) ? kGatewayItself : decision.outbound;
    record.original = arrival.key;
    record.translated = translated;
    if (arrival.key.protocol == IpProtocol::icmp && arrival.frame.has_l4()) record.icmp_type = arrival.frame.icmp().type_number;
    record.destinations = tells_destinations(decision, *ruleset_);
    if (!record.destinations) {
        leave_out_destination(record.original);
        leave_out_destination(record.translated);
    }
    rule_observer_->decided(record);
}

}  // namespace hairpin::gateway
