#pragma once
// The daemon's log: one line an event on stderr, with a stable event name and its fields. Never from the packet path.
//
//   2026-01-31T12:00:00.123Z info  event=port_up port=workstation kind=tap
//
// spdlog stays in log.cc, so that not every file pays for its headers.

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

}  // namespace hairpin::runtime::log
