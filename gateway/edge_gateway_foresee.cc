// What a commit would do to the sessions that live, said before it does it.

#include "gateway/edge_gateway.h"

namespace hairpin::gateway {

namespace {

// Packets wait meanwhile, so the number of rules compared has a bound: some ten milliseconds.
constexpr std::size_t kMostRulesCompared = 1'000'000;
constexpr std::size_t kDecisionBesidesRules = 16;  // what else a decision costs, in rules

std::size_t cost_of(const Ruleset& ruleset) { return ruleset.firewall.size() + ruleset.nat.size() + kDecisionBesidesRules; }

}  // namespace

Foresight EdgeGateway::foresee(const Ruleset& next, const RouteTable& its_routes) const {
    Foresight foresight;
    if (!ruleset_) return foresight;
    std::size_t compared = 0;
    sessions_.for_each([&](SessionIndex, const Session& session) {
        if (compared >= kMostRulesCompared) {
            foresight.complete = false;
            return;
        }
        // What the rules in force would end at its next packet is lost already, whatever the next rules say.
        if (session.generation != static_cast<std::uint32_t>(ruleset_->generation)) {
            compared += cost_of(*ruleset_);
            if (review(session, *ruleset_, *routes_).fate != SessionFate::kept) return;
        }
        compared += cost_of(next);
        switch (review(session, next, its_routes).fate) {
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
