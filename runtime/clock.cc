#include "runtime/clock.h"

#include <fmt/chrono.h>
#include <sys/random.h>

#include <chrono>

#include "net/result.h"

namespace hairpin::runtime {

Timestamp monotonic_now() {
    static const auto start = std::chrono::steady_clock::now();
    return Timestamp{std::chrono::steady_clock::now() - start};
}

std::string wall_clock_text() { return wall_clock_text(monotonic_now()); }

std::string wall_clock_text(Timestamp moment) {
    const auto time = std::chrono::system_clock::now() - (monotonic_now() - moment);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time - seconds).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), nanoseconds);
}

HashKey random_key() {
    HashKey key;
    ensure(getrandom(&key, sizeof key, 0) == static_cast<ssize_t>(sizeof key));
    return key;
}

}  // namespace hairpin::runtime
