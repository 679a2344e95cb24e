// When schedules are in force, row by row, and rules as they want them.

#include "gateway/firewall/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/scheduled.h"

namespace hairpin::gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;

sys_days day(int year, unsigned month, unsigned number) {
    return sys_days{year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{number}}};
}
// The clock on the wall; UTC shows two hours less, as in Berlin's summer.
Clocks at(sys_days date, int hour, int minute = 0) {
    const minutes local = date.time_since_epoch() + hours{hour} + minutes{minute};
    return {local - hours{2}, local};
}

constexpr const char* kWeek = "MTWTFSS";
// "MTWTF--"
std::bitset<7> on(std::string_view days) {
    std::bitset<7> set;
    for (std::size_t i = 0; i < days.size(); ++i)
        if (days[i] != '-') set.set(i);
    return set;
}
Schedule office() { return {.name = "office", .days = on("MTWTF--"), .start = hours{8}, .end = hours{18}}; }
Schedule friday_night() { return {.name = "night", .days = on("----F--"), .start = hours{22}, .end = hours{6}}; }

const sys_days kFriday = day(2026, 11, 27), kSaturday = day(2026, 11, 28), kSunday = day(2026, 11, 29);

TEST(Schedule, FromTheFirstMinuteToTheLast) {
    EXPECT_FALSE(office().in_force(at(kFriday, 7, 59)));
    EXPECT_TRUE(office().in_force(at(kFriday, 8)));
    EXPECT_TRUE(office().in_force(at(kFriday, 17, 59)));
    EXPECT_FALSE(office().in_force(at(kFriday, 18)));
    EXPECT_FALSE(office().in_force(at(kSaturday, 12)));
    EXPECT_FALSE(office().in_force(at(kSunday, 12)));
    EXPECT_TRUE(office().in_force(at(day(2026, 11, 30), 12))) << "Monday";
}

TEST(Schedule, ANightBelongsToTheDayOnWhichItBegins) {
    EXPECT_FALSE(friday_night().in_force(at(kFriday, 5))) << "that was Thursday's";
    EXPECT_FALSE(friday_night().in_force(at(kFriday, 21, 59)));
    EXPECT_TRUE(friday_night().in_force(at(kFriday, 22)));
    EXPECT_TRUE(friday_night().in_force(at(kSaturday, 0)));
    EXPECT_TRUE(friday_night().in_force(at(kSaturday, 5, 59)));
    EXPECT_FALSE(friday_night().in_force(at(kSaturday, 6)));
    EXPECT_FALSE(friday_night().in_force(at(kSaturday, 22)));
}

TEST(Schedule, AnEndAtMidnightIsTheDaysEnd) {
    const Schedule evening{.days = on("----F--"), .start = hours{18}, .end = minutes{0}};
    EXPECT_TRUE(evening.in_force(at(kFriday, 23, 59)));
    EXPECT_FALSE(evening.in_force(at(kSaturday, 0)));
}

TEST(Schedule, WithoutTimesItIsWholeDays) {
    const Schedule weekend{.days = on("-----SS")};
    EXPECT_FALSE(weekend.in_force(at(kFriday, 23, 59)));
    EXPECT_TRUE(weekend.in_force(at(kSaturday, 0)));
    EXPECT_TRUE(weekend.in_force(at(kSunday, 23, 59)));
    EXPECT_FALSE(weekend.in_force(at(day(2026, 11, 30), 0)));
    EXPECT_TRUE(Schedule{}.in_force(at(kFriday, 3)));
}

TEST(Schedule, DatesAreDaysOnWhichItBegins) {
    Schedule night = friday_night();
    night.days = on(kWeek);
    night.from = kFriday;
    night.until = kSaturday;
    EXPECT_FALSE(night.in_force(at(kFriday, 5)));
    EXPECT_TRUE(night.in_force(at(kFriday, 22)));
    EXPECT_TRUE(night.in_force(at(kSunday, 5))) << "it began on Saturday";
    EXPECT_FALSE(night.in_force(at(kSunday, 22)));
}

TEST(Schedule, EachByItsOwnClock) {
    Schedule utc = office();
    utc.clock = ClockKind::utc;
    EXPECT_FALSE(utc.in_force(at(kFriday, 9))) << "07:00 UTC";
    EXPECT_TRUE(utc.in_force(at(kFriday, 19))) << "17:00 UTC";
    EXPECT_FALSE(office().in_force(at(kFriday, 19)));
}

TEST(Schedule, SomeNeverAre) {
    EXPECT_TRUE(office().ever());
    EXPECT_FALSE((Schedule{.start = hours{8}, .end = hours{8}}).ever());
    EXPECT_FALSE((Schedule{.from = kSaturday, .until = kFriday}).ever());
    EXPECT_TRUE((Schedule{.from = kSaturday, .until = kSaturday}).ever());
    EXPECT_FALSE((Schedule{.days = on("MTWTF--"), .from = kSaturday, .until = kSunday}).ever());
    EXPECT_TRUE((Schedule{.days = on("M------"), .from = kSaturday, .until = day(2027, 1, 1)}).ever());
}

// ---- Rules ----------------------------------------------------------------------------------------------------------------------

RulesetPtr with_rules(std::vector<std::string> schedules) {
    auto ruleset = std::make_shared<Ruleset>();
    ruleset->generation = 7;
    ruleset->schedules = {office(), friday_night()};
    for (std::string& schedule : schedules) {
        ruleset->firewall.emplace_back().id = static_cast<RuleId>(ruleset->firewall.size());
        ruleset->firewall.back().schedule = std::move(schedule);
    }
    return ruleset;
}
std::string in_force(const Ruleset& ruleset) {
    std::string text;
    for (const FirewallRule& rule : ruleset.firewall) text += rule.in_force() ? 'x' : '-';
    return text;
}

TEST(Scheduled, RulesTurnAndTheEditionWithThem) {
    const RulesetPtr first = with_rules({"", "office", "night"});
    const RulesetPtr noon = scheduled(first, at(kFriday, 12));
    EXPECT_EQ(in_force(*noon), "xx-");
    EXPECT_EQ(noon->generation, 7u);
    EXPECT_NE(noon->edition(), first->edition());
    const RulesetPtr evening = scheduled(noon, at(kFriday, 20));
    EXPECT_EQ(in_force(*evening), "x--");
    const RulesetPtr night = scheduled(evening, at(kFriday, 23));
    EXPECT_EQ(in_force(*night), "x-x");
    EXPECT_EQ(night->edition(), first->edition() + 3);
    EXPECT_EQ(in_force(*scheduled(night, at(kFriday, 12))), "xx-") << "the clock may go back";
}

TEST(Scheduled, WhereNothingTurnsItIsTheSame) {
    const RulesetPtr noon = scheduled(with_rules({"", "office"}), at(kFriday, 12));
    EXPECT_EQ(scheduled(noon, at(kFriday, 13)), noon);
    const RulesetPtr without = with_rules({"", ""});
    EXPECT_EQ(scheduled(without, at(kFriday, 20)), without);
}

TEST(Scheduled, ARuleThatIsSwitchedOffStaysSo) {
    auto rules = std::make_shared<Ruleset>(*with_rules({"office"}));
    rules->firewall[0].enabled = false;
    EXPECT_EQ(in_force(*scheduled(rules, at(kFriday, 12))), "-");
}

}  // namespace
}  // namespace hairpin::gateway
