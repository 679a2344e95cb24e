// Rules that turn with the clock on the wall, which the tests turn.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "runtime/clock.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using namespace std::chrono_literals;
using gateway::Clocks;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::chrono::minutes kFriday = 24h * 20'784;  // 2026-11-27

// The LAN may go out from 8 to 18.
json office_document() {
    json document = guide_document();
    json& gateway = document["hairpin:gateway"];
    gateway["schedule"] = json::array({{{"name", "office"}, {"day", {"fri"}}, {"start", "08:00"}, {"end", "18:00"}}});
    gateway["firewall"]["rule"][0]["schedule"] = "office";
    return document;
}

struct ClockInHand {
    std::chrono::minutes minute = kFriday + 12h;
};
struct ScheduledDaemon : ClockInHand, GuideDaemon {
    ScheduledDaemon() : GuideDaemon(office_document(), [this] { return Clocks{minute, minute}; }) {}

    std::vector<std::string> turn_clock_to(std::chrono::minutes time) {
        minute = time;
        std::vector<std::string> turns;
        for (const auto& turn : configuration.follow_schedules(worker))
            turns.push_back(turn.schedule + (turn.in_force ? " begins" : " ends"));
        return turns;
    }
    json row_of(int rule) {
        const json rows = ask("show.firewall")["rows"];
        for (const json& row : rows)
            if (row["id"] == rule) return row;
        return {};
    }
    bool lets_out(unsigned port) {
        const auto before = worker.gateway().sessions().size();
        play("host" + std::to_string(port), "lan",
             {udp().from(kWorkstation, port).to(kInternet, 53).to_mac(mac_of("lan")).bytes()});
        return worker.gateway().sessions().size() > before;
    }
};

TEST(FollowingSchedules, RulesTurnAtTheMinuteAndNoCommitIsMade) {
    ScheduledDaemon daemon;
    EXPECT_EQ(daemon.row_of(2)["schedule"], "office");
    EXPECT_EQ(daemon.row_of(2)["in_force"], true);
    EXPECT_TRUE(daemon.lets_out(40000));
    const auto generation = daemon.commits.generation();
    EXPECT_THAT(daemon.turn_clock_to(kFriday + 17h + 59min), IsEmpty());
    EXPECT_THAT(daemon.turn_clock_to(kFriday + 18h), ElementsAre("office ends"));
    EXPECT_EQ(daemon.row_of(2)["in_force"], false);
    EXPECT_EQ(daemon.row_of(2)["enabled"], true);
    EXPECT_FALSE(daemon.lets_out(40001));
    EXPECT_THAT(daemon.turn_clock_to(kFriday + 18h + 1min), IsEmpty()) << "once is enough";
    EXPECT_EQ(daemon.commits.generation(), generation);
    EXPECT_EQ(daemon.commits.history().size(), 1u);
    EXPECT_FALSE(daemon.row_of(3).contains("schedule"));
}

TEST(FollowingSchedules, TheClockMayJumpEitherWay) {
    ScheduledDaemon daemon;
    EXPECT_THAT(daemon.turn_clock_to(kFriday + 30 * 24h), ElementsAre("office ends")) << "a Sunday at midnight";
    EXPECT_FALSE(daemon.lets_out(40000));
    EXPECT_THAT(daemon.turn_clock_to(kFriday + 9h), ElementsAre("office begins"));
    EXPECT_TRUE(daemon.lets_out(40001));
}

TEST(FollowingSchedules, ACommitIsMadeForTheTimeThatItIs) {
    ScheduledDaemon daemon;
    daemon.minute = kFriday + 20h;
    json document = office_document();
    document["hairpin:gateway"]["firewall"]["rule"][0]["name"] = "another";
    const auto base = daemon.commits.generation();
    ASSERT_TRUE(daemon.commits.commit({.document = document.dump(), .base = base}, monotonic_now()));
    EXPECT_EQ(daemon.row_of(2)["in_force"], false) << "before anybody has looked";
    daemon.turn_clock_to(kFriday + 34h);
    EXPECT_EQ(daemon.commits.generation(), base + 1);
}

// A turn must not be in the way of who edits meanwhile, nor be taken for his commit by the sessions.
TEST(FollowingSchedules, ATurnIsNoConflictAndACommitAfterItIsNewToSessions) {
    ScheduledDaemon daemon;
    const auto base = daemon.commits.generation();
    daemon.turn_clock_to(kFriday + 18h);
    const auto after_turn = daemon.worker.gateway().ruleset().edition();
    ASSERT_TRUE(daemon.commits.commit({.document = office_document().dump(), .base = base}, monotonic_now()));
    EXPECT_GT(daemon.worker.gateway().ruleset().edition(), after_turn);
    daemon.turn_clock_to(kFriday + 24h * 7 + 8h);
    EXPECT_TRUE(daemon.row_of(2)["in_force"].get<bool>());
}

TEST(FollowingSchedules, ATraceOfACandidateIsForTheTimeThatItIs) {
    ScheduledDaemon daemon;
    daemon.turn_clock_to(kFriday + 20h);
    const auto rules = daemon.configuration.rules_of(office_document().dump());
    ASSERT_TRUE(rules);
    for (const auto& rule : (*rules)->firewall) EXPECT_EQ(rule.in_force(), rule.id != 2) << rule.id;
}

// ---- The clocks -----------------------------------------------------------------------------------------------------------------

TEST(ClocksOnTheWall, LocalTimeFollowsTheTimeZoneAndItsSummerTime) {
    const char* before = std::getenv("TZ");
    const std::string kept = before == nullptr ? "" : before;
    ASSERT_EQ(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    const auto difference = [](std::time_t moment) {
        const Clocks clocks = clocks_on_the_wall(moment);
        EXPECT_EQ(clocks.utc, std::chrono::floor<std::chrono::minutes>(std::chrono::seconds{moment}));
        return clocks.local - clocks.utc;
    };
    const std::time_t spring = 1'774'746'000;  // 2026-03-29 01:00 UTC: 02:00 becomes 03:00
    EXPECT_EQ(difference(spring - 1), 1h);
    EXPECT_EQ(difference(spring), 2h);
    const std::time_t autumn = 1'792'890'000;  // 2026-10-25 01:00 UTC: 03:00 becomes 02:00
    EXPECT_EQ(difference(autumn - 1), 2h);
    EXPECT_EQ(difference(autumn), 1h);
    before == nullptr ? unsetenv("TZ") : setenv("TZ", kept.c_str(), 1);
    tzset();
}

// Friday is 2026-11-27; the night that begins on a schedule's last day is not over with the day.
TEST(FollowingSchedules, OneWhoseLastDayIsPastIsSaidAtTheCommit) {
    const auto warnings = [](const char* until, std::chrono::minutes now) {
        json document = office_document();
        document["hairpin:gateway"]["schedule"][0] = {{"name", "office"}, {"start", "22:00"}, {"end", "06:00"}, {"until", until}};
        GuideDaemon daemon{guide_document(), [=] { return Clocks{now, now}; }};
        return daemon.configuration.check(document.dump(), daemon.worker)->warnings;
    };
    EXPECT_THAT(warnings("2026-11-28", kFriday + 12h), IsEmpty());
    EXPECT_THAT(warnings("2026-11-27", kFriday + 12h), IsEmpty()) << "it is its last day";
    EXPECT_THAT(warnings("2026-11-26", kFriday + 1h), IsEmpty()) << "it is its last night";
    EXPECT_THAT(warnings("2026-11-26", kFriday + 12h),
                ElementsAre("/hairpin:gateway/schedule[name='office']/until: that day is past, so no rule with this schedule is "
                            "ever asked again"));
}

}  // namespace
}  // namespace hairpin::runtime
