#include "gateway/sessions/lifetimes.h"

#include "gateway/ruleset.h"

namespace hairpin::gateway {

Lifetimes::Lifetimes(const Ruleset& ruleset) : timeouts_(ruleset.timeouts) {
    for (const UdpPortTimeout& row : ruleset.udp_port_timeouts) udp_ports_.emplace(row.port.number(), row.idle);
    for (const FirewallRule& rule : ruleset.firewall)
        if (rule.idle) rules_.emplace(rule.id, *rule.idle);
    for (const NatRule& rule : ruleset.nat)
        if (rule.idle) rules_.emplace(rule.id, *rule.idle);
}

Duration Lifetimes::idle(SessionState state, const Ipv4FlowKey& original, const std::array<RuleId, 3>& rules) const {
    if (!rules_.empty() && row_of(state).phase == Phase::lasting)
        for (const RuleId rule : rules)
            if (const auto found = rules_.find(rule); found != rules_.end()) return found->second;
    if (!udp_ports_.empty() && original.protocol == IpProtocol::udp)
        if (const auto found = udp_ports_.find(original.destination_port.number()); found != udp_ports_.end())
            return found->second;
    return timeouts_.idle(state);
}

}  // namespace hairpin::gateway
