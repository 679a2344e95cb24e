// What a commit would do to the sessions that live, said before it does it.

#include "gateway/edge_gateway.h"
#include "gateway/rule_changes.h"

namespace hairpin::gateway {

namespace {

// How many rules may be asked: some two milliseconds while packets wait, or ten.
constexpr std::size_t most_rules(Thoroughness thoroughness) { return thoroughness == Thoroughness::full ? 2'500'000 : 500'000; }
constexpr std::size_t kDecisionBesidesRules = 16;  // what else a decision costs, in rules

std::size_t cost_of(const Ruleset& ruleset) {
    const std::size_t rules = ruleset.firewall.size() + ruleset.nat.size();
    return (ruleset.index.get() != nullptr ? rules / 64 : rules) + kDecisionBesidesRules;
}

}  // namespace

Foresight EdgeGateway::foresee(const Ruleset& next, const RouteTable& its_routes, Thoroughness thoroughness) const {
    Foresight foresight;
    if (!ruleset_ || sessions_.size() == 0) return foresight;
    const RuleChanges changes{*ruleset_, next};
    std::size_t compared = 0;
    const auto fate_of = [&](const Session& session, const Ruleset& ruleset, const RouteTable& routes) {
        if (session.related) return fate_of_related(session, ruleset, routes);
        return review(session, ruleset, routes, &mappings_, sender_of(session)).fate;
    };
    sessions_.for_each([&](SessionIndex, const Session& session) {
        if (compared >= most_rules(thoroughness)) {
            foresight.complete = false;
            return;
        }
        if (session.decided_by(ruleset_->edition())) {
            compared += changes.cost();
            if (!session.related && changes.spares(session)) return static_cast<void>(++foresight.kept);
        } else {
            // What the rules in force would end at its next packet is lost already, whatever the next rules say.
            compared += cost_of(*ruleset_);
            if (fate_of(session, *ruleset_, *routes_) != SessionFate::kept) return;
        }
        compared += cost_of(next);
        switch (fate_of(session, next, its_routes)) {
            case SessionFate::kept: ++foresight.kept; break;
            case SessionFate::translated_anew: ++foresight.translated_anew; break;
            case SessionFate::ended:
                ++foresight.ended;
                if (foresight.examples.size() < kMostForesightExamples) foresight.examples.push_back(session);
                break;
        }
    });
    return foresight;
}

}  // namespace hairpin::gateway
