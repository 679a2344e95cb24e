#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

using gateway::ClockKind;
using gateway::Schedule;

constexpr auto kDays = std::to_array<std::string_view>({"mon", "tue", "wed", "thu", "fri", "sat", "sun"});
constexpr auto kClocks = std::to_array<std::pair<std::string_view, ClockKind>>({
    {"local", ClockKind::local},
    {"utc", ClockKind::utc},
});

unsigned number_at(std::string_view text, std::size_t begin, std::size_t length) {
    return static_cast<unsigned>(*parse_number(text.substr(begin, length), 9999));
}

// "08:30"; the schema has seen to its form.
std::chrono::minutes time_of_day(const std::string& text) {
    return std::chrono::hours{number_at(text, 0, 2)} + std::chrono::minutes{number_at(text, 3, 2)};
}

// "2026-12-24"; not every month has a 31st.
std::optional<std::chrono::sys_days> date_of(const std::string& text) {
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(number_at(text, 0, 4))},
                                           std::chrono::month{number_at(text, 5, 2)}, std::chrono::day{number_at(text, 8, 2)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

std::bitset<7> days_of(const NodeReader& node) {
    const auto names = node.texts("day");
    if (names.empty()) return Schedule{}.days;
    std::bitset<7> days;
    for (std::size_t i = 0; i < kDays.size(); ++i)
        for (const std::string& name : names)
            if (name == kDays[i]) days.set(i);
    return days;
}

Schedule read_schedule(const NodeReader& node) {
    Schedule schedule;
    schedule.name = node.text("name");
    schedule.days = days_of(node);
    if (node.has("start")) schedule.start = time_of_day(node.text("start"));
    if (node.has("end")) schedule.end = time_of_day(node.text("end"));
    schedule.from = node.value<std::chrono::sys_days>("from", date_of, "is no day of the calendar");
    schedule.until = node.value<std::chrono::sys_days>("until", date_of, "is no day of the calendar");
    schedule.clock = node.one_of("clock", kClocks);
    return schedule;
}

// A rule that could never be in force would stand there like one that protects.
void check_schedule(const NodeReader& node, const Schedule& schedule) {
    if (schedule.start == schedule.end)
        return node.refuse("end", "it ends when it starts, which is never: leave start and end out to mean the whole day");
    if (schedule.from && schedule.until && *schedule.until < *schedule.from)
        return node.refuse("until", "the last day is before the first, which is never");
    if (!schedule.ever()) node.refuse("day", "none of these days is between from and until, so it is never");
}

}  // namespace

std::vector<Schedule> compile_schedules(const NodeReader& gateway) {
    std::vector<Schedule> schedules;
    for (const NodeReader& entry : gateway.children("schedule")) {
        schedules.push_back(read_schedule(entry));
        check_schedule(entry, schedules.back());
    }
    return schedules;
}

}  // namespace hairpin::config
