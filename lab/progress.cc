#include "lab/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace hairpin::lab {
namespace {

constexpr std::chrono::milliseconds kBetweenLines{100};

}  // namespace

Progress::Progress(std::string what, std::size_t total)
    : what_(std::move(what)), total_(total), shown_(total >= kWorthALine && ::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
    if (shown_ && done_ > 0) fmt::print(stderr, "\r\033[K");
}

void Progress::step() {
    ++done_;
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || (now < next_ && done_ < total_)) return;
    next_ = now + kBetweenLines;
    fmt::print(stderr, "\r\033[K{}: {} of {}", what_, done_, total_);
    std::fflush(stderr);
}

}  // namespace hairpin::lab
