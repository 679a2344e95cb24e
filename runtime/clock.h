#pragma once
// The clocks, and the kernel's generator: the only place where hairpind asks for either. Test hooks turn the one and replace the other.

#include <chrono>
#include <ctime>
#include <string>

#include "gateway/firewall/schedule.h"
#include "net/hash.h"
#include "net/time.h"

namespace hairpin::runtime {

// Monotonic, from the daemon's start.
Timestamp monotonic_now();

// One moment on both clocks, the daemon's own and the one on the wall, so that other moments can be told from one to the other: as if
// the clock on the wall had never been set.
struct Clock {
    Timestamp monotonic;
    std::chrono::nanoseconds wall;  // since 1970

    std::chrono::nanoseconds wall_at(Timestamp moment) const { return wall - (monotonic - moment); }
    Timestamp monotonic_at(std::chrono::nanoseconds moment) const { return monotonic - (wall - moment); }
};
Clock clock_now();

// The time of the day and the date, here and in UTC: what schedules are asked by. The time zone is the one that the machine had when
// the daemon began, with its summer time.
gateway::Clocks clocks_on_the_wall();
gateway::Clocks clocks_on_the_wall(std::time_t moment);

// "2026-01-31T12:00:00.123456789Z" (RFC 3339): now, or as the clock on the wall showed it at a moment of ours.
std::string wall_clock_text();
std::string wall_clock_text(Timestamp moment);
// The same of a time since 1970.
std::string utc_text(std::chrono::nanoseconds since_1970);

// Test hooks: from now on it is so much later, on both clocks. What waits for the kernel's own timers does not notice.
void advance_clocks(Duration by);

// 128 bits from getrandom(2); after seed_random_keys() the next ones of a sequence that the seed determines.
HashKey random_key();
void seed_random_keys(std::uint64_t seed);

}  // namespace hairpin::runtime
