#include "lab/tap.h"

#include <fmt/format.h>

#include "lab/quoted.h"

namespace hairpin::lab {
namespace {

// A `#` would begin a directive, a line's end would end the line.
std::string tap_text(std::string text) {
    for (char& c : text)
        if (c == '#' || c == '\n') c = ' ';
    return text;
}

}  // namespace

std::string tap_lines(std::size_t number, const TestResult& result) {
    const std::string what = tap_text(result.description.empty() ? result.name : result.name + ": " + result.description);
    if (result.passed()) return fmt::format("ok {} - {}\n", number, what);
    const char* directive = result.severity == Severity::warning ? " # TODO a warning only" : "";
    return fmt::format("not ok {} - {}{}\n  ---\n  message: {}\n  duration_ms: {}\n  ...\n", number, what, directive,
                       quoted(result.problem), result.duration.count());
}

std::string tap_plan(std::size_t count) { return fmt::format("1..{}\n", count); }

}  // namespace hairpin::lab
