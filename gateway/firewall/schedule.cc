#include "gateway/firewall/schedule.h"

namespace hairpin::gateway {

using std::chrono::sys_days;

bool Schedule::begins_on(sys_days day) const {
    if ((from && day < *from) || (until && day > *until)) return false;
    return days.test(std::chrono::weekday{day}.iso_encoding() - 1);
}

bool Schedule::in_force(const Clocks& now) const {
    const auto shown = clock == ClockKind::utc ? now.utc : now.local;
    const auto today = std::chrono::floor<std::chrono::days>(shown);
    const auto minute = shown - today;
    if (start < end) return start <= minute && minute < end && begins_on(sys_days{today});
    return (minute >= start && begins_on(sys_days{today})) || (minute < end && begins_on(sys_days{today - std::chrono::days{1}}));
}

bool Schedule::ever() const {
    if (start == end || days.none()) return false;
    if (!from || !until) return true;
    for (auto day = *from; day <= *until && day < *from + std::chrono::days{7}; day += std::chrono::days{1})
        if (begins_on(day)) return true;
    return false;
}

}  // namespace hairpin::gateway
