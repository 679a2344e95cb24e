#include "runtime/clock.h"

#include <fmt/chrono.h>
#include <sys/random.h>

#include <chrono>
#include <optional>

#include "net/random.h"
#include "net/result.h"

namespace hairpin::runtime {

namespace {

Duration advanced{};
std::optional<Random> seeded_keys;

std::chrono::nanoseconds wall_now() { return std::chrono::system_clock::now().time_since_epoch() + advanced; }

}  // namespace

Timestamp monotonic_now() {
    static const auto start = std::chrono::steady_clock::now();
    return Timestamp{std::chrono::steady_clock::now() - start + advanced};
}

void advance_clocks(Duration by) { advanced += by; }

Clock clock_now() { return {monotonic_now(), wall_now()}; }

gateway::Clocks clocks_on_the_wall() { return clocks_on_the_wall(std::chrono::floor<std::chrono::seconds>(wall_now()).count()); }

gateway::Clocks clocks_on_the_wall(std::time_t moment) {
    std::tm here{};
    localtime_r(&moment, &here);
    const std::chrono::seconds utc{moment};
    return {std::chrono::floor<std::chrono::minutes>(utc),
            std::chrono::floor<std::chrono::minutes>(utc + std::chrono::seconds{here.tm_gmtoff})};
}

std::string wall_clock_text() { return wall_clock_text(monotonic_now()); }

std::string wall_clock_text(Timestamp moment) { return utc_text(clock_now().wall_at(moment)); }

std::string utc_text(std::chrono::nanoseconds since_1970) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_1970);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                       (since_1970 - seconds).count());
}

void seed_random_keys(std::uint64_t seed) { seeded_keys.emplace(HashKey{seed, 0}); }

HashKey random_key() {
    if (seeded_keys) return {seeded_keys->next(), seeded_keys->next()};
    HashKey key;
    ensure(getrandom(&key, sizeof key, 0) == static_cast<ssize_t>(sizeof key));
    return key;
}

}  // namespace hairpin::runtime
