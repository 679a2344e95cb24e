#pragma once
// The clocks, and the kernel's generator: the only place where hairpind asks for either.

#include <chrono>
#include <string>

#include "net/hash.h"
#include "net/time.h"

namespace hairpin::runtime {

// Monotonic, from the daemon's start.
Timestamp monotonic_now();

// "2026-01-31T12:00:00.123456789Z" (RFC 3339): now, or as the clock on the wall showed it at a moment of ours.
std::string wall_clock_text();
std::string wall_clock_text(Timestamp moment);
// The same of a time since 1970.
std::string utc_text(std::chrono::nanoseconds since_1970);

// 128 bits from getrandom(2).
HashKey random_key();

}  // namespace hairpin::runtime
