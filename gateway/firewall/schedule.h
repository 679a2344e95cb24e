#pragma once
// When a rule is in force: a time of the day, on some days of the week, between two dates.
//
//   mon to fri, 08:00 to 18:00      the office's hours
//   fri, 22:00 to 06:00             Friday night: the day is the one on which it begins, so Saturday at 05:59 is in
//   no days, no times               every day, all day
//
// Local time is what the machine's clock shows. Where it springs ahead, a time that does not come to pass is passed when the clock has
// gone over it; where it falls back, an hour that comes twice counts twice.

#include <bitset>
#include <chrono>
#include <optional>
#include <string>

namespace hairpin::gateway {

// A moment, as two clocks show it: minutes since the beginning of 1970 on each.
struct Clocks {
    std::chrono::minutes utc{}, local{};
    friend bool operator==(const Clocks&, const Clocks&) = default;
};

enum class ClockKind : std::uint8_t { local, utc };

struct Schedule {
    static constexpr std::chrono::minutes kDay = std::chrono::hours{24};

    std::string name = {};
    std::bitset<7> days = ~std::bitset<7>{};   // Monday first: on which it begins
    std::chrono::minutes start{0}, end{kDay};  // of the day; an end that is not after the start is the next day's
    std::optional<std::chrono::sys_days> from = {}, until = {};  // the first and the last day on which it begins
    ClockKind clock = ClockKind::local;

    bool in_force(const Clocks& now) const;
    // Whether there is any day on which it begins.
    bool ever() const;
    friend bool operator==(const Schedule&, const Schedule&) = default;

private:
    bool begins_on(std::chrono::sys_days day) const;
};

}  // namespace hairpin::gateway
