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

Clock clock_now() { return {monotonic_now(), std::chrono::system_clock::now().time_since_epoch()}; }

std::string wall_clock_text() { return wall_clock_text(monotonic_now()); }

std::string wall_clock_text(Timestamp moment) {
    return utc_text((std::chrono::system_clock::now() - (monotonic_now() - moment)).time_since_epoch());
}

std::string utc_text(std::chrono::nanoseconds since_1970) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_1970);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                       (since_1970 - seconds).count());
}

HashKey random_key() {
    HashKey key;
    ensure(getrandom(&key, sizeof key, 0) == static_cast<ssize_t>(sizeof key));
    return key;
}

}  // namespace hairpin::runtime
