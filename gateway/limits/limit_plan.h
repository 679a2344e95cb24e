#pragma once
// Which limits a session is under, by the rules in force: that of all, that of its host, that of the rule that accepts it, and that of its
// host under that rule.

#include <bitset>
#include <utility>
#include <vector>

#include "gateway/firewall/rule.h"
#include "gateway/limits/session_limit.h"
#include "gateway/limits/subject_table.h"

namespace hairpin::gateway {

struct Ruleset;

class LimitPlan {
public:
    LimitPlan() = default;  // no limits
    explicit LimitPlan(const Ruleset& ruleset);

    bool empty() const { return !counts_all_ && !counts_hosts_ && rules_.empty(); }
    // Whether both count the same of a session, whatever the numbers.
    bool counts_like(const LimitPlan& other) const;

    // `visit(subject, limit)` for each of whom a session of this host, by this interface, under this firewall rule, is counted. What the
    // gateway itself begins is nobody's.
    template <class Visit>
    void for_each_subject(Ipv4Address host, InterfaceId inbound, RuleId rule, Visit&& visit) const {
        if (inbound == kGatewayItself) return;
        if (counts_all_) visit(Subject{}, limits_.all);
        if (counts_hosts_) visit(Subject{host}, of_host(inbound));
        const RuleLimits* rule_limits = of_rule(rule);
        if (rule_limits == nullptr) return;
        if (rule_limits->all.any()) visit(Subject{{}, rule}, rule_limits->all);
        if (rule_limits->per_source.any()) visit(Subject{host, rule}, rule_limits->per_source);
    }
    // nullptr: the rule has none.
    const RuleLimits* of_rule(RuleId rule) const;
    const SessionLimit& of_host(InterfaceId inbound) const {
        return inside_.test(index_of(inbound)) ? limits_.inside_host : limits_.outside_host;
    }
    const SessionLimits& limits() const { return limits_; }

private:
    SessionLimits limits_;
    bool counts_all_ = false, counts_hosts_ = false;
    InterfaceSet inside_;
    std::vector<std::pair<RuleId, RuleLimits>> rules_;  // those that have some, by number
};

}  // namespace hairpin::gateway
