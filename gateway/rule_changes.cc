#include "gateway/rule_changes.h"

#include <algorithm>

#include "gateway/find_rule.h"
#include "gateway/firewall/match.h"
#include "gateway/nat/actions.h"
#include "gateway/nat/translate.h"

namespace hairpin::gateway {

template <class Rule>
RuleChanges::Ends RuleChanges::ends_of(const std::vector<Rule>& now, const std::vector<Rule>& next) {
    Ends ends;
    ends.size = now.size();
    ends.next_size = next.size();
    const std::size_t shorter = std::min(now.size(), next.size());
    while (ends.front < shorter && now[ends.front] == next[ends.front]) ++ends.front;
    while (ends.front + ends.back < shorter && now[now.size() - 1 - ends.back] == next[next.size() - 1 - ends.back]) ++ends.back;
    for (std::size_t i = 0; i < now.size(); ++i) ends.places.emplace(now[i].id, i);
    return ends;
}

// A session that was kept under older rules, whatever these said, was not decided by those in force.
RuleChanges::RuleChanges(const Ruleset& now, const Ruleset& next)
    : next_(next),
      rules_alone_(now.interfaces == next.interfaces && now.routes == next.routes &&
                   now.firewall_enabled == next.firewall_enabled && now.derived_nat == next.derived_nat &&
                   now.on_commit == OnCommit::re_evaluate && next.on_commit == OnCommit::re_evaluate),
      firewall_(ends_of(now.firewall, next.firewall)),
      nat_(ends_of(now.nat, next.nat)) {}

template <class Rule, class Matches>
bool RuleChanges::stays_first(const Ends& ends, const std::vector<Rule>& next, RuleId decided, Matches&& matches) {
    std::size_t place = ends.size;  // none: as if something behind the last had
    if (decided != kNoRule) {
        const auto found = ends.places.find(decided);
        if (found == ends.places.end() || !ends.keeps(found->second)) return false;
        place = found->second;
    }
    if (place < ends.front) return true;
    const auto changed = next.begin() + static_cast<std::ptrdiff_t>(ends.front);
    return std::none_of(changed, changed + static_cast<std::ptrdiff_t>(ends.changed()), matches);
}

bool RuleChanges::spares(const Session& session) const {
    if (!rules_alone_) return false;
    if (!next_.firewall_enabled) return true;
    // What a hairpin mode or a mapping has decided comes behind all rules that were written, wherever its own stands.
    const bool derived = find_rule(next_.derived_nat, session.dnat_rule) != nullptr;
    const bool by_mode = session.dnat_rule != kNoRule && session.dnat_rule == session.snat_rule;
    if (derived || by_mode || session.by_mapping != 0) return false;
    std::optional<std::uint8_t> icmp_type;
    if (session.original_key.protocol == IpProtocol::icmp) icmp_type = session.icmp_type;
    // What an ICMP query has for a port is its sender's own, and no DNAT rule changes it.
    const Ipv4FlowKey to = session.rewritten(Direction::original);
    Ipv4FlowKey after_dnat = session.original_key;
    after_dnat.destination = to.destination;
    if (!icmp_type) after_dnat.destination_port = to.destination_port;

    const FirewallQuestion question{session.original_key, after_dnat, session.inbound(), session.outbound(), icmp_type};
    // The sender's MAC is in no session, so a rule that compares it might match.
    const auto firewall_matches = [&](const FirewallRule& rule) {
        return rule.in_force() && (!rule.source.macs.empty() || matches(rule, question));
    };
    const auto nat_matches = [&](const Ipv4FlowKey& key, InterfaceId interface, NatSide side) {
        return [question = NatQuestion{key, icmp_type}, interface, side](const NatRule& rule) {
            return matches(rule, question, interface, side);
        };
    };
    return stays_first(nat_, next_.nat, session.dnat_rule,
                       nat_matches(session.original_key, session.inbound(), NatSide::destination)) &&
           stays_first(firewall_, next_.firewall, session.firewall_rule, firewall_matches) &&
           stays_first(nat_, next_.nat, session.snat_rule, nat_matches(after_dnat, session.outbound(), NatSide::source));
}

}  // namespace hairpin::gateway
