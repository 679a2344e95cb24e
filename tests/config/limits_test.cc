// How much somebody may have, as a document says it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::PortQuota;
using gateway::RuleLimits;
using gateway::SessionLimit;
using gateway::SessionLimits;
using nlohmann::json;
using testing::HasSubstr;

json with_session_limit(const json& limit) {
    json document = guide_lab();
    document["hairpin:gateway"]["sessions"]["limit"] = limit;
    return document;
}
json with_rule_limit(const json& limit, const char* action = "accept") {
    json document = guide_lab();
    json& rule = document["hairpin:gateway"]["firewall"]["rule"][0];
    rule["action"] = action;
    rule["limit"] = limit;
    return document;
}

TEST(Limits, ThereAreNoneUnlessTheyAreSet) {
    const auto ruleset = good(guide_lab()).ruleset;
    EXPECT_EQ(ruleset->session_limits, SessionLimits{});
    EXPECT_EQ(ruleset->nat_settings.ports_per_host, PortQuota{});
    for (const gateway::FirewallRule& rule : ruleset->firewall) EXPECT_FALSE(rule.limits.any()) << rule.id;
}

TEST(Limits, OfSessions) {
    const json document = with_session_limit({{"all", {{"half-open", 1000}}},
                                              {"inside-host", {{"sessions", 100}, {"tcp-sessions", 50}, {"udp-sessions", 40}}},
                                              {"outside-host", {{"icmp-sessions", 5}, {"new-per-second", 20}, {"burst", 60}}}});
    EXPECT_EQ(good(document).ruleset->session_limits,
              (SessionLimits{
                  {.half_open = 1000}, {.sessions = 100, .tcp = 50, .udp = 40}, {.icmp = 5, .per_second = 20, .burst = 60}}));
}

TEST(Limits, OfAFirewallRule) {
    const auto ruleset = good(with_rule_limit({{"sessions", 9}, {"per-source", {{"half-open", 2}}}})).ruleset;
    const json id = guide_lab()["hairpin:gateway"]["firewall"]["rule"][0]["id"];
    for (const gateway::FirewallRule& rule : ruleset->firewall)
        EXPECT_EQ(rule.limits, id == rule.id ? (RuleLimits{{.sessions = 9}, {.half_open = 2}}) : RuleLimits{}) << rule.id;
}

TEST(Limits, OfARuleThatAcceptsNothingAreRefused) {
    const auto result = compiled(with_rule_limit({{"per-source", {{"sessions", 9}}}}, "drop"));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().path, HasSubstr("/firewall/rule[id="));
    EXPECT_THAT(result.error().message, HasSubstr("only the action accept makes sessions"));
}

TEST(Limits, OfOutsidePorts) {
    json document = guide_lab();
    document["hairpin:gateway"]["nat"]["ports-per-host"] = {{"tcp", 1000}, {"udp", 2000}, {"icmp", 16}, {"new-per-second", 50}};
    EXPECT_EQ(good(document).ruleset->nat_settings.ports_per_host, (PortQuota{1000, 2000, 16, 50, 0}));
}

TEST(Limits, BlocksOfOutsidePorts) {
    using gateway::PortBlockSettings;
    EXPECT_EQ(good(guide_lab()).ruleset->nat_settings.port_blocks, (PortBlockSettings{256, 4}));
    json document = guide_lab();
    json& nat = document["hairpin:gateway"]["nat"];
    nat["port-block"] = {{"size", 512}, {"per-host", 2}};
    nat["rule"][0]["port-allocation"] = "block";
    const auto ruleset = good(document).ruleset;
    EXPECT_EQ(ruleset->nat_settings.port_blocks, (PortBlockSettings{512, 2}));
    EXPECT_EQ(ruleset->nat[0].port_allocation, gateway::PortAllocation::block);

    nat["rule"][0]["protocol"] = "tcp";
    nat["rule"][0]["translated-port"] = "2000-2559";
    EXPECT_TRUE(compiled(document)) << "2048 to 2559";
    nat["rule"][0]["translated-port"] = "2000-2558";
    const auto result = compiled(document);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("no whole block of 512 ports"));
    nat["port-block"]["size"] = 500;
    EXPECT_FALSE(compiled(document)) << "no power of two";
}

TEST(Limits, WhatTheSenderIsToldWhoFoundNoRoom) {
    using gateway::ExhaustionAnswer;
    json document = guide_lab();
    EXPECT_EQ(good(document).ruleset->nat_settings.exhaustion_answer, ExhaustionAnswer::administratively_prohibited);
    document["hairpin:gateway"]["nat"]["exhaustion-answer"] = "host-unreachable";
    EXPECT_EQ(good(document).ruleset->nat_settings.exhaustion_answer, ExhaustionAnswer::host_unreachable);
}

TEST(Limits, ABurstIsOfARate) {
    const auto result = compiled(with_session_limit({{"all", {{"burst", 5}}}}));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("a burst is of a new-per-second, which is not set"));
    EXPECT_FALSE(compiled(with_session_limit({{"all", {{"sessions", 0}}}}))) << "none at all is what a firewall rule is for";
}

TEST(Limits, WhatMakesRoomInAFullTable) {
    EXPECT_EQ(good(guide_lab()).ruleset->eviction, gateway::Eviction::unanswered);
    json document = guide_lab();
    document["hairpin:gateway"]["sessions"]["eviction"] = "off";
    EXPECT_EQ(good(document).ruleset->eviction, gateway::Eviction::off);
}

}  // namespace
}  // namespace hairpin::config
