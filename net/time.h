#pragma once
// Time is a parameter: runtime/ reads the clock once a burst and hands `now` to everything below it; a test turns it by hand.

#include <chrono>
#include <compare>
#include <cstdint>

namespace hairpin {

using Duration = std::chrono::nanoseconds;

// A monotonic clock without now(): nobody but runtime/ can ask what time it is.
struct MonotonicClock {
    using rep = Duration::rep;
    using period = Duration::period;
    using duration = Duration;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};
using Timestamp = MonotonicClock::time_point;

// A coarse time for records that are many: 1/8 s ticks since the daemon's clock began, 17 years in 32 bits.
class Tick {
public:
    static constexpr Duration kLength = std::chrono::milliseconds{125};
    constexpr Tick() = default;
    constexpr explicit Tick(std::uint32_t count) : count_(count) {}
    static constexpr Tick at(Timestamp time) { return Tick{static_cast<std::uint32_t>(time.time_since_epoch() / kLength)}; }
    // At least `length`, rounded up to whole ticks: nothing expires early.
    static constexpr std::uint32_t ticks_in(Duration length) {
        return static_cast<std::uint32_t>((length + kLength - Duration{1}) / kLength);
    }
    constexpr std::uint32_t count() const { return count_; }
    constexpr Timestamp time() const { return Timestamp{kLength * count_}; }
    friend constexpr auto operator<=>(Tick, Tick) = default;

private:
    std::uint32_t count_ = 0;
};

}  // namespace hairpin
