// Rules that are in force at times only, and what becomes of sessions when the time has come.

#include <algorithm>
#include <chrono>

#include "gateway/scheduled.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::FirewallRule;
using gateway::Ruleset;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kNoon = std::chrono::minutes{12 * 60}, kEvening = std::chrono::minutes{20 * 60};

// The guide's lab in which the LAN may go out from 8 to 18.
void office_hours(Ruleset& rules) {
    rules.schedules.push_back({.name = "office", .start = std::chrono::hours{8}, .end = std::chrono::hours{18}});
    for (FirewallRule& rule : rules.firewall)
        if (rule.id == 2) rule.schedule = "office";
}

struct ScheduledLab : HairpinLab {
    explicit ScheduledLab(std::chrono::minutes time, Change more = {})
        : HairpinLab([=](Ruleset& rules) {
              office_hours(rules);
              if (more) more(rules);
              rules = *at(rules, time);
          }) {}
    // As the daemon does when the time has come: the generation stays what it is.
    void turn_clock_to(std::chrono::minutes time) {
        const auto turned = at(gateway().ruleset(), time);
        change_rules([&](Ruleset& rules) { rules = *turned; });
    }
    static gateway::RulesetPtr at(const Ruleset& rules, std::chrono::minutes time) {
        return gateway::scheduled(std::make_shared<const Ruleset>(rules), {time, time});
    }
    std::vector<std::string> trace(const PacketBuilder& packet) {
        std::vector<std::string> texts;
        const auto passage = gateway().probe(kLan, PacketBuilder{packet}.to_mac(kLanMac).in(pool()), now());
        for (const auto& step : passage.tracer.steps()) texts.push_back(step.text);
        return texts;
    }
};
PacketBuilder question_of_names(unsigned port = 40000) { return udp().from(kWorkstation, port).to(kInternet, 53); }

TEST(Schedules, ARuleOutsideOfItsTimesIsPassedOver) {
    ScheduledLab lab{kEvening};
    lab.workstation.send(question_of_names());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.hits(gateway::kDefaultFirewallRule), 1u);
    EXPECT_THAT(lab.trace(question_of_names()), Contains("rule 2 \"rule 2\" passed over: outside of its schedule office"));
    lab.turn_clock_to(kNoon);
    lab.workstation.send(question_of_names());
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    EXPECT_THAT(lab.trace(question_of_names(40001)), Contains("rule 2 \"rule 2\": accept"));
}

TEST(Schedules, ASessionEndsWhenItsRuleGoesOutOfForce) {
    ScheduledLab lab{kNoon};
    lab.workstation.send(question_of_names());
    lab.internet.answer();
    ASSERT_THAT(lab.workstation.received(), SizeIs(1));
    const auto generation = lab.gateway().ruleset().generation;
    lab.turn_clock_to(kEvening);
    EXPECT_EQ(lab.gateway().ruleset().generation, generation) << "it is no commit";
    lab.internet.received();
    lab.workstation.send(question_of_names());
    EXPECT_THAT(lab.endings(), ElementsAre("the new rules decide otherwise"));
    EXPECT_THAT(lab.internet.received(), IsEmpty());
}

TEST(Schedules, AnotherRulesSessionGoesOn) {
    ScheduledLab lab{kNoon};
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.turn_clock_to(kEvening);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(10));
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));
    EXPECT_THAT(lab.endings(), IsEmpty());
}

TEST(Schedules, WithKeepASessionOutlivesItsRule) {
    ScheduledLab lab{kNoon, [](Ruleset& rules) { rules.on_commit = gateway::OnCommit::keep; }};
    lab.workstation.send(question_of_names());
    lab.turn_clock_to(kEvening);
    lab.workstation.send(question_of_names());
    EXPECT_THAT(lab.internet.received(), SizeIs(2));
    lab.workstation.send(question_of_names(40001));
    EXPECT_THAT(lab.internet.received(), IsEmpty()) << "a new one does not begin";
}

}  // namespace
}  // namespace hairpin::testing
