#include "runtime/rule_totals.h"

#include "gateway/edge_gateway.h"

namespace hairpin::runtime {

RuleTotals::RuleTotals(const gateway::EdgeGateway& gateway) : counters_(gateway.rule_counters()) {
    gateway.sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        gateway::for_each_rule_of(session, [&](gateway::RuleId rule) {
            if (rule != gateway::kNoRule) live_bytes_[rule] += session.bytes[0] + session.bytes[1];
        });
    });
}

gateway::RuleCount RuleTotals::of(gateway::RuleId rule) const {
    gateway::RuleCount count = counters_.of(rule);
    if (const auto live = live_bytes_.find(rule); live != live_bytes_.end()) count.bytes += live->second;
    return count;
}

}  // namespace hairpin::runtime
