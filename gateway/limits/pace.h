#pragma once
// A rate that takes one time to remember: when all that has come would be paid for (the virtual scheduling of ITU-T I.371's generic cell
// rate algorithm). Zero bytes are a pace at which nothing has come yet.

#include <algorithm>

#include "net/time.h"

namespace hairpin::gateway {

class Pace {
public:
    // Whether another one may come, at so many a second and `burst` at once (0: as many as come in a second).
    bool allows(Timestamp now, std::uint32_t per_second, std::uint32_t burst) const {
        return paid_for_ <= now + cost(per_second) * ((burst != 0 ? burst : per_second) - 1);
    }
    void take(Timestamp now, std::uint32_t per_second) { paid_for_ = std::max(paid_for_, now) + cost(per_second); }
    // Nothing has to be remembered any more.
    bool at_rest(Timestamp now) const { return paid_for_ <= now; }

private:
    static Duration cost(std::uint32_t per_second) { return Duration{std::chrono::seconds{1}} / per_second; }
    Timestamp paid_for_{};
};

}  // namespace hairpin::gateway
