#include "gateway/scheduled.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace hairpin::gateway {

RulesetPtr scheduled(RulesetPtr ruleset, const Clocks& now) {
    std::unordered_set<std::string_view> in_force;
    for (const Schedule& schedule : ruleset->schedules)
        if (schedule.in_force(now)) in_force.insert(schedule.name);
    const auto wanted = [&](const FirewallRule& rule) { return !rule.schedule.empty() && !in_force.contains(rule.schedule); };
    if (std::none_of(ruleset->firewall.begin(), ruleset->firewall.end(),
                     [&](const FirewallRule& rule) { return rule.outside_schedule != wanted(rule); }))
        return ruleset;
    auto turned = std::make_shared<Ruleset>(*ruleset);
    ++turned->turns;
    for (FirewallRule& rule : turned->firewall) rule.outside_schedule = wanted(rule);
    return turned;
}

}  // namespace hairpin::gateway
