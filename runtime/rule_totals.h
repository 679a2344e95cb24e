#pragma once
// What each rule has done so far, the sessions that live included: the gateway counts a session's bytes when it ends.

#include <unordered_map>

#include "gateway/rule_counters.h"

namespace hairpin::gateway {
class EdgeGateway;
}

namespace hairpin::runtime {

class RuleTotals {
public:
    // As it is now; looks at every session once.
    explicit RuleTotals(const gateway::EdgeGateway& gateway);

    gateway::RuleCount of(gateway::RuleId rule) const;
    // Calls `visit(rule, count)` for each rule that is counted, in no particular order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        counters_.for_each([&](gateway::RuleId rule, const gateway::RuleCount&) { visit(rule, of(rule)); });
    }

private:
    const gateway::RuleCounters& counters_;
    std::unordered_map<gateway::RuleId, std::uint64_t> live_bytes_;
};

}  // namespace hairpin::runtime
