#pragma once
// The daemon's log: one line an event on stderr, with a stable event name and its fields. Never from the packet path.
//
//   2026-01-31T12:00:00.123Z info  event=port_up port=workstation kind=tap
//
// The newest kKept lines are kept for `show log`, and one listener hears each as it is written. spdlog stays in log.cc, so that not
// every file pays for its headers.

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::runtime::log {

// "debug", "info", "warn", "error".
Result<void> start(const std::string& level);

void debug(std::string_view line);
void info(std::string_view line);
void warn(std::string_view line);
void error(std::string_view line);

struct Line {
    std::string time, level, text;  // "2026-01-31T12:00:00.123Z", "info", "event=..."
};
inline constexpr std::size_t kKept = 1000;
// Oldest first.
const std::deque<Line>& kept();
void clear();
// Called for each line from now on; an empty function ends it. What the listener itself logs it does not hear.
void listen(std::function<void(const Line& line)> listener);

}  // namespace hairpin::runtime::log
