#pragma once
// What a commit changes of the rules, so that of the sessions that live only those are reviewed that it could concern.
//
//   in force   1 2 3 4 5        Rules 1, 4 and 5 stay. A session that 4 decided did not match 1, and does not now: only x can
//   next       1 x 4 5          come between.

#include <cstddef>
#include <unordered_map>

#include "gateway/ruleset.h"
#include "gateway/sessions/session.h"

namespace hairpin::gateway {

class RuleChanges {
public:
    // Both outlive it.
    RuleChanges(const Ruleset& now, const Ruleset& next);

    // Whether `next` would make a session that `now` has decided in just the same way. Where that is not plain, it says no.
    bool spares(const Session& session) const;
    // How many rules that asks.
    std::size_t cost() const { return firewall_.changed() + 2 * nat_.changed() + 1; }

private:
    // Rules at both ends of a list that are the same in the other one.
    struct Ends {
        std::size_t front = 0, back = 0, size = 0, next_size = 0;
        std::unordered_map<RuleId, std::size_t> places;

        std::size_t changed() const { return next_size - front - back; }
        bool keeps(std::size_t place) const { return place < front || place >= size - back; }
    };
    template <class Rule>
    static Ends ends_of(const std::vector<Rule>& now, const std::vector<Rule>& next);
    // Whether the rule that decided, or none, stays, and no changed one for which `matches` comes before it.
    template <class Rule, class Matches>
    static bool stays_first(const Ends& ends, const std::vector<Rule>& next, RuleId decided, Matches&& matches);

    const Ruleset& next_;
    bool rules_alone_ = false;  // all else that a decision depends on is the same
    Ends firewall_, nat_;
};

}  // namespace hairpin::gateway
