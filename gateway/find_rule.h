#pragma once
// A rule by its number, for what is asked now and then: it walks through them. nullptr: there is none of that number, or none any more.

#include <algorithm>
#include <vector>

#include "gateway/firewall/rule.h"

namespace hairpin::gateway {

// Rule: FirewallRule or NatRule.
template <class Rule>
const Rule* find_rule(const std::vector<Rule>& rules, RuleId id) {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.id == id; });
    return found == rules.end() ? nullptr : &*found;
}

}  // namespace hairpin::gateway
