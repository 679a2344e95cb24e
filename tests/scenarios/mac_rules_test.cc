// Firewall rules that compare the sender's MAC: asked when a session begins, and never again by its packets.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::FirewallAction;
using gateway::Ruleset;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr gateway::RuleId kMacRule = 50;
const auto kStranger = MacAddress::from_number(0x0200'0000'9999);

// Before the guide's own rules, behind the automatic one.
HairpinLab::Change rule_about(MacAddress mac, FirewallAction action, bool negated = false) {
    return [=](Ruleset& rules) {
        auto rule = firewall_rule(kMacRule, action, by(kLan), anybody());
        rule.source.macs = {mac};
        rule.source.negated = negated;
        rules.firewall.insert(rules.firewall.begin() + 1, rule);
    };
}
PacketBuilder lookup(unsigned port) { return udp().from(kWorkstation, port).to(kInternet, 53).payload(9); }
// The workstation, by the MAC of somebody else.
PacketBuilder forged_lookup(unsigned port) { return lookup(port).from_mac(kStranger).to_mac(kLanMac); }

TEST(MacRules, AreAboutWhoSentTheFirstPacket) {
    HairpinLab lab;
    lab.change_rules(rule_about(lab.workstation.mac(), FirewallAction::drop));
    lab.workstation.send(lookup(4001));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1u);
    EXPECT_EQ(lab.hits(kMacRule), 1u);
    lab.workstation.send_as_is(forged_lookup(4002));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(To(kInternet, 53))));
    EXPECT_EQ(lab.hits(kMacRule), 1u);
}

// Neither from the LAN nor with that MAC, or one of them: the whole side is excepted.
TEST(MacRules, ExceptTheWholeSide) {
    HairpinLab lab;
    lab.change_rules(rule_about(lab.workstation.mac(), FirewallAction::drop, true));
    lab.workstation.send(lookup(4001));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(To(kInternet, 53))));
    lab.workstation.send_as_is(forged_lookup(4002));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
}

// The session's later packets, and their answers, are nobody's question.
TEST(MacRules, AreNotAskedAboutPacketsOfASession) {
    HairpinLab lab;
    lab.change_rules(rule_about(lab.workstation.mac(), FirewallAction::accept));
    lab.workstation.send(lookup(4001));
    lab.internet.answer();
    EXPECT_EQ(lab.workstation.received().size(), 1u);
    lab.workstation.send_as_is(forged_lookup(4001));
    EXPECT_EQ(lab.internet.received().size(), 2u);
    EXPECT_EQ(lab.hits(kMacRule), 1u);
}

// A session does not keep its sender's MAC. A packet of its own brings it, and where an answer comes first the neighbour is known.
TEST(MacRules, DecideAboutLivingSessionsAfterACommit) {
    HairpinLab lab;
    lab.workstation.send(lookup(4001));
    lab.workstation.send(lookup(4002));
    lab.internet.received();
    lab.change_rules(rule_about(kStranger, FirewallAction::drop));
    lab.internet.send(udp().from(kInternet, 53).to(kExternal, lab.internet.last().source_port).payload(9));
    EXPECT_EQ(lab.workstation.received().size(), 1u) << "somebody else's MAC";
    lab.workstation.send(lookup(4001));
    EXPECT_EQ(lab.internet.received().size(), 1u);
    EXPECT_EQ(lab.counters().sessions, 2u);

    lab.change_rules(rule_about(lab.workstation.mac(), FirewallAction::drop));
    Ruleset same = lab.gateway().ruleset();
    EXPECT_EQ(lab.gateway().foresee(same, gateway::RouteTable{same}).ended, 0u) << "lost already, whatever comes next";
    lab.internet.send(udp().from(kInternet, 53).to(kExternal, lab.internet.last().source_port).payload(9));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.workstation.send(lookup(4001));
    lab.workstation.send(lookup(4002));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.counters().sessions, 0u);
}

TEST(MacRules, SayInTheTraceWhatTheyWant) {
    HairpinLab lab;
    lab.change_rules([](Ruleset& rules) {
        rule_about(kStranger, FirewallAction::drop)(rules);
        rules.firewall[1].text.source = "lan with MAC 02:00:00:00:99:99";
    });
    gateway::Tracer tracer;
    const gateway::FirstPacket first{
        {kWorkstation, kInternet, L4Port{4001}, L4Port{53}, IpProtocol::udp}, kLan, {}, 0, lab.workstation.mac()};
    decide(lab.gateway().ruleset(), lab.gateway().routes(), first, &tracer);
    std::string said;
    for (const auto& step : tracer.steps()) said += step.text + "\n";
    EXPECT_THAT(said, HasSubstr("by lan from " + lab.workstation.mac().to_string() + ", wants lan with MAC 02:00:00:00:99:99"));
}

}  // namespace
}  // namespace hairpin::testing
