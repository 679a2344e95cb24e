// Schedules: what is made of them, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::ClockKind;
using gateway::Schedule;
using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

// The guide's lab with a schedule of this name and firewall rule 3 in force at its times.
json with_schedule(json schedule) {
    json document = guide_lab();
    json& gateway = document["hairpin:gateway"];
    schedule["name"] = "office";
    gateway["schedule"] = json::array({schedule});
    for (json& rule : gateway["firewall"]["rule"])
        if (rule["id"] == 3) rule["schedule"] = "office";
    return document;
}
Schedule schedule_of(const json& schedule) { return good(with_schedule(schedule)).ruleset->schedules.at(0); }
Error schedule_refusal(const json& schedule) {
    const auto result = compiled(with_schedule(schedule));
    EXPECT_FALSE(result) << "this was accepted: " << schedule;
    return result ? Error{} : result.error();
}

TEST(Schedules, OfficeHours) {
    const Schedule office = schedule_of({{"day", {"mon", "tue", "wed", "thu", "fri"}}, {"start", "08:00"}, {"end", "17:30"}});
    EXPECT_EQ(office.name, "office");
    EXPECT_EQ(office.days.to_string(), "0011111");
    EXPECT_EQ(office.start, hours{8});
    EXPECT_EQ(office.end, hours{17} + minutes{30});
    EXPECT_EQ(office.clock, ClockKind::local);
    EXPECT_FALSE(office.from || office.until);
}

TEST(Schedules, WhatIsLeftOutIsEveryDayAndAllDay) {
    EXPECT_EQ(schedule_of(json::object()), (Schedule{.name = "office"}));
    EXPECT_EQ(schedule_of({{"start", "22:00"}}).end, Schedule::kDay);
    EXPECT_EQ(schedule_of({{"end", "06:00"}}).start, minutes{0});
}

TEST(Schedules, DatesAndUniversalTime) {
    const Schedule holidays = schedule_of({{"from", "2026-12-24"}, {"until", "2028-02-29"}, {"clock", "utc"}});
    EXPECT_EQ(holidays.clock, ClockKind::utc);
    EXPECT_EQ(holidays.from, std::chrono::sys_days{std::chrono::December / 24 / 2026});
    EXPECT_EQ(holidays.until, std::chrono::sys_days{std::chrono::February / 29 / 2028});
}

TEST(Schedules, ARuleNamesOne) {
    const auto rules = good(with_schedule({{"start", "08:00"}})).ruleset->firewall;
    for (const auto& rule : rules) EXPECT_EQ(rule.schedule, rule.id == 3 ? "office" : "") << rule.id;
}

// A rule that could never be in force would stand there like one that protects.
TEST(Schedules, ThatCanNeverBeAreRefused) {
    const std::string here = "/hairpin:gateway/schedule[name='office']/";
    EXPECT_EQ(schedule_refusal({{"start", "08:00"}, {"end", "08:00"}}).path, here + "end");
    EXPECT_THAT(schedule_refusal({{"end", "00:00"}}).message, HasSubstr("it ends when it starts, which is never"));
    EXPECT_EQ(schedule_refusal({{"from", "2026-12-24"}, {"until", "2026-12-23"}}).path, here + "until");
    EXPECT_THAT(schedule_refusal({{"day", {"mon"}}, {"from", "2026-12-24"}, {"until", "2026-12-27"}}).message,
                HasSubstr("none of these days is between from and until"));
}

TEST(Schedules, WhatIsNoTimeOrDateIsRefused) {
    EXPECT_THAT(schedule_refusal({{"start", "24:00"}}).message, HasSubstr("a time of the day from 00:00 to 23:59, as 08:30"));
    EXPECT_THAT(schedule_refusal({{"from", "24.12.2026"}}).message, HasSubstr("a date as 2026-12-24"));
    EXPECT_THAT(schedule_refusal({{"from", "2027-02-29"}}).message, HasSubstr("\"2027-02-29\" is no day of the calendar"));
    EXPECT_THAT(schedule_refusal({{"day", {"monday"}}}).message, HasSubstr("monday"));
}

TEST(Schedules, OneThatIsNotThereIsRefused) {
    json document = with_schedule({{"start", "08:00"}});
    document["hairpin:gateway"].erase("schedule");
    const auto result = compiled(document);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().path, "/hairpin:gateway/firewall/rule[id='3']/schedule");
    EXPECT_THAT(result.error().message, HasSubstr("there is no schedule \"office\""));

    // The same where the rule is known already, and only the schedule has gone.
    const auto running = compile(with_schedule({{"start", "08:00"}}).dump(), nullptr);
    ASSERT_TRUE(running);
    const auto changed = compile(document.dump(), &*running);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().message, result.error().message);
}

TEST(Schedules, AnotherOneIsTakenUpByRulesThatStay) {
    const auto running = compile(with_schedule({{"start", "08:00"}}).dump(), nullptr);
    ASSERT_TRUE(running);
    const auto changed = compile(with_schedule({{"start", "09:00"}}).dump(), &*running);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->ruleset->schedules.at(0).start, hours{9});
}

}  // namespace
}  // namespace hairpin::config
