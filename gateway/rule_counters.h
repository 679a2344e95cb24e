#pragma once
// How often each rule decided. A count belongs to the rule's id and survives edits and commits: ids are never reused.

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "gateway/ruleset.h"
#include "net/time.h"

namespace hairpin::gateway {

struct RuleCount {
    std::uint64_t hits = 0;   // sessions begun, or packets refused, by this rule
    std::uint64_t bytes = 0;  // of the sessions that have ended; those of live ones are in the sessions
    std::optional<Timestamp> first_hit, last_hit;
    friend bool operator==(const RuleCount&, const RuleCount&) = default;
};

// Of a session, or of the decision that makes one, each rule once. What a hairpin mode derives from a rule is that rule's doing on both sides, and counts once.
template <class Decided, class Visit>
void for_each_rule_of(const Decided& decided, Visit&& visit) {
    visit(decided.firewall_rule);
    visit(decided.dnat_rule);
    if (decided.snat_rule != decided.dnat_rule) visit(decided.snat_rule);
}

// Owned by one gateway. Holds an entry for each rule of every Ruleset it has adopted; counting never allocates.
class RuleCounters {
public:
    void adopt(const Ruleset& ruleset) {
        for (const FirewallRule& rule : ruleset.firewall) counts_.try_emplace(rule.id);
        for (const NatRule& rule : ruleset.nat) counts_.try_emplace(rule.id);
    }
    void hit(RuleId rule, Timestamp now) {
        const auto found = counts_.find(rule);
        if (found == counts_.end()) return;  // kNoRule
        RuleCount& count = found->second;
        ++count.hits;
        count.last_hit = now;
        if (!count.first_hit) count.first_hit = now;
    }
    void add_bytes(RuleId rule, std::uint64_t bytes) {
        const auto found = counts_.find(rule);
        if (found != counts_.end()) found->second.bytes += bytes;
    }
    void clear() {
        for (auto& [rule, count] : counts_) count = {};
        ++cleared_;
    }
    // What a rule had counted in a run before this one. Its hits may lie before this run's time began.
    void restore(RuleId rule, const RuleCount& count) { counts_[rule] = count; }
    // How often they have been cleared.
    std::uint64_t cleared() const { return cleared_; }
    // Calls `visit(rule, count)` for each, in no particular order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& [rule, count] : counts_) visit(rule, count);
    }
    RuleCount of(RuleId rule) const {
        const auto found = counts_.find(rule);
        return found == counts_.end() ? RuleCount{} : found->second;
    }

private:
    std::unordered_map<RuleId, RuleCount> counts_;
    std::uint64_t cleared_ = 0;
};

}  // namespace hairpin::gateway
