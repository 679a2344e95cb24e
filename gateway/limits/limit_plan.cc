#include "gateway/limits/limit_plan.h"

#include <algorithm>

#include "gateway/ruleset.h"

namespace hairpin::gateway {

LimitPlan::LimitPlan(const Ruleset& ruleset)
    : limits_(ruleset.session_limits),
      counts_all_(limits_.all.any()),
      counts_hosts_(limits_.inside_host.any() || limits_.outside_host.any()) {
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        if (ruleset.interfaces[i].role == InterfaceRole::internal) inside_.set(i);
    for (const FirewallRule& rule : ruleset.firewall)
        if (rule.limits.any()) rules_.emplace_back(rule.id, rule.limits);
    std::sort(rules_.begin(), rules_.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
}

const RuleLimits* LimitPlan::of_rule(RuleId rule) const {
    const auto found =
        std::lower_bound(rules_.begin(), rules_.end(), rule, [](const auto& row, RuleId id) { return row.first < id; });
    return found != rules_.end() && found->first == rule ? &found->second : nullptr;
}

bool LimitPlan::counts_like(const LimitPlan& other) const {
    return counts_all_ == other.counts_all_ && counts_hosts_ == other.counts_hosts_ &&
           std::equal(rules_.begin(), rules_.end(), other.rules_.begin(), other.rules_.end(),
                      [](const auto& one, const auto& that) {
                          return one.first == that.first && one.second.all.any() == that.second.all.any() &&
                                 one.second.per_source.any() == that.second.per_source.any();
                      });
}

}  // namespace hairpin::gateway
