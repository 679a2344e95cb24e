// Which rules log, and how much of it is written.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;

TEST(Logging, IsOffUnlessARuleWantsIt) {
    const auto ruleset = good(guide_lab()).ruleset;
    for (const auto& rule : ruleset->firewall) EXPECT_FALSE(rule.log);
    for (const auto& rule : ruleset->nat) EXPECT_FALSE(rule.log);
    EXPECT_EQ(ruleset->logging, (gateway::LogSettings{.records_per_second = 100, .destinations = false}));
}

TEST(Logging, EachRuleOnItsOwnAndTheDefaultToo) {
    json document = guide_lab();
    json& gateway = document["hairpin:gateway"];
    gateway["firewall"]["rule"][0]["log"] = true;
    gateway["firewall"]["default-log"] = true;
    gateway["firewall"]["log-rate"] = 7;
    gateway["nat"]["rule"][0]["log"] = true;
    gateway["nat"]["log-destinations"] = true;
    const auto ruleset = good(document).ruleset;
    std::vector<gateway::RuleId> logging;
    for (const auto& rule : ruleset->firewall)
        if (rule.log) logging.push_back(rule.id);
    for (const auto& rule : ruleset->nat)
        if (rule.log) logging.push_back(rule.id);
    EXPECT_THAT(logging,
                testing::ElementsAre(gateway["firewall"]["rule"][0]["id"].get<gateway::RuleId>(), gateway::kDefaultFirewallRule,
                                     gateway["nat"]["rule"][0]["id"].get<gateway::RuleId>()));
    EXPECT_EQ(ruleset->logging, (gateway::LogSettings{.records_per_second = 7, .destinations = true}));
}

}  // namespace
}  // namespace hairpin::config
