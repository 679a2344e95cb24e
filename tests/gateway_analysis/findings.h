#pragma once
// Findings matched with small words: EXPECT_THAT(analyse(rules), ElementsAre(Says("shadowed", 7, "...")));

#include <gmock/gmock.h>

#include <ostream>

#include "gateway/analysis/analysis.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::gateway {
inline void PrintTo(const Finding& finding, std::ostream* out) {
    *out << finding.kind << " " << finding.rule << ": " << finding.text;
}
}  // namespace hairpin::gateway

namespace hairpin::testing {

inline ::testing::Matcher<const gateway::Finding&> Says(const gateway::FindingKind& kind,
                                                        ::testing::Matcher<gateway::RuleId> rule,
                                                        ::testing::Matcher<std::string> text = ::testing::_) {
    return ::testing::AllOf(::testing::Field("kind", &gateway::Finding::kind, kind.name),
                            ::testing::Field("rule", &gateway::Finding::rule, rule),
                            ::testing::Field("text", &gateway::Finding::text, text));
}

// The guide's rules with a change.
inline gateway::Ruleset guide_with(const std::function<void(gateway::Ruleset&)>& change) {
    gateway::Ruleset rules = guide_rules();
    change(rules);
    return rules;
}

// What is said of them.
inline std::vector<gateway::Finding> found_with(const std::function<void(gateway::Ruleset&)>& change) {
    return gateway::analyse(guide_with(change));
}

// Puts a rule before the default one.
inline gateway::FirewallRule& add_rule(gateway::Ruleset& rules, gateway::FirewallRule rule) {
    return *rules.firewall.insert(rules.firewall.end() - 1, std::move(rule));
}

}  // namespace hairpin::testing
