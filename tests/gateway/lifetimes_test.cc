#include "gateway/sessions/lifetimes.h"

#include <gtest/gtest.h>

#include "gateway/ruleset.h"

namespace hairpin::gateway {
namespace {

using std::chrono::seconds;

Ipv4FlowKey flow(IpProtocol protocol, unsigned port) {
    return {{192, 168, 255, 2}, {198, 51, 100, 10}, L4Port{40000}, L4Port{static_cast<std::uint16_t>(port)}, protocol};
}

Ruleset rules_with(RuleId rule, seconds idle) {
    Ruleset ruleset;
    ruleset.firewall.resize(2);
    ruleset.firewall[0].id = rule;
    ruleset.firewall[0].idle = idle;
    ruleset.firewall[1].id = kDefaultFirewallRule;
    ruleset.udp_port_timeouts = {{L4Port{53}, seconds{10}}};
    return ruleset;
}

TEST(Lifetimes, AreThoseOfTheStateWhereNothingElseSays) {
    const Lifetimes lifetimes{Ruleset{}};
    for (const TimeoutRow& row : kTimeoutRows)
        EXPECT_EQ(lifetimes.idle(row.state, flow(row.protocol, 53), {7}), row.idle) << row.name;
}

TEST(Lifetimes, OfAUdpServiceAreItsPorts) {
    const Lifetimes lifetimes{rules_with(7, seconds{1000})};
    for (const auto state : {SessionState::udp, SessionState::udp_stream}) {
        EXPECT_EQ(lifetimes.idle(state, flow(IpProtocol::udp, 53), {8}), seconds{10});
        EXPECT_EQ(lifetimes.idle(state, flow(IpProtocol::udp, 54), {8}), seconds{300});
        EXPECT_EQ(lifetimes.idle(state, flow(IpProtocol::udp_lite, 53), {8}), seconds{300});
    }
    EXPECT_EQ(lifetimes.idle(SessionState::established, flow(IpProtocol::tcp, 53), {8}), seconds{7440});
}

// A rule's goes before a port's, and before the state's of all that lasts: a connection that nobody takes up is not kept for a week.
TEST(Lifetimes, OfWhatNatRulesTranslateAreTheirsUnlessTheFirewallRuleSaysSo) {
    Ruleset rules = rules_with(7, seconds{1000});
    for (const auto& [id, idle] : {std::pair<RuleId, int>{65537, 100}, {65538, 50}}) {
        NatRule rule;
        rule.id = id;
        rule.idle = seconds{idle};
        rules.nat.push_back(rule);
    }
    const Lifetimes lifetimes{rules};
    const auto idle = [&](SessionState state, const std::array<RuleId, 3>& by) {
        return lifetimes.idle(state, flow(IpProtocol::tcp, 80), by);
    };
    EXPECT_EQ(idle(SessionState::established, {7, 65537, 65538}), seconds{1000});
    EXPECT_EQ(idle(SessionState::established, {8, 65537, 65538}), seconds{100});
    EXPECT_EQ(idle(SessionState::established, {8, kNoRule, 65538}), seconds{50});
    EXPECT_EQ(idle(SessionState::established, {8, kNoRule, kNoRule}), seconds{7440});
    EXPECT_EQ(idle(SessionState::opening, {8, 65537, 65538}), seconds{240}) << "it opens";
}

TEST(Lifetimes, OfWhatARuleAcceptsAreTheRules) {
    const Lifetimes lifetimes{rules_with(7, seconds{604800})};
    EXPECT_EQ(lifetimes.idle(SessionState::udp, flow(IpProtocol::udp, 53), {7}), seconds{604800});
    EXPECT_EQ(lifetimes.idle(SessionState::established, flow(IpProtocol::tcp, 80), {7}), seconds{604800});
    EXPECT_EQ(lifetimes.idle(SessionState::established, flow(IpProtocol::tcp, 80), {8}), seconds{7440});
    for (const TimeoutRow& row : kTimeoutRows)
        EXPECT_EQ(lifetimes.idle(row.state, flow(row.protocol, 80), {7}),
                  row.phase == Phase::lasting ? seconds{604800} : row.idle)
            << row.name;
}

}  // namespace
}  // namespace hairpin::gateway
