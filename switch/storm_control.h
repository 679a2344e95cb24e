#pragma once
// What a port may send to everybody, limited: broadcast, multicast, and frames for stations that nobody knows, each for itself.
//
//   limit 100 packets/s, and 500 arrive each second   ->  100 pass, 400 are dropped (storm-control), evenly over the second
//   limit 1 Mbit/s                                    ->  of a TCP super-packet every segment counts, with its headers
//
// A token bucket for each kind: time fills it up to what the limit allows in an eighth of a second, and a frame may pass while there is
// anything in it, also where it takes more than there is; the debt is paid before the next one passes. So whatever a frame's length, the
// limit holds on average, and a long one is not shut out by a small limit.
//
// A storm begins with the first frame that is refused, and ends when none has been for five seconds: both are events.
// Owned by the Bridge, one for each port that has a limit. Frames to stations that are known are never asked about.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/packet.h"
#include "net/time.h"
#include "switch/features.h"

namespace hairpin::l2 {

class TokenBucket {
public:
    explicit TokenBucket(double per_second);
    // Whether something of this size may pass now.
    bool take(double size, Timestamp now);

private:
    double per_second_, most_, tokens_;
    Timestamp filled_{};
};

class StormControl {
public:
    enum class Traffic : std::uint8_t { broadcast, multicast, unknown_unicast };
    static constexpr auto kNames = std::to_array<std::string_view>({"broadcast", "multicast", "unknown-unicast"});
    static constexpr Duration kCalm = std::chrono::seconds{5};

    explicit StormControl(const StormLimits& limits);

    // Whether this frame may go to everybody.
    bool admits(Traffic traffic, const Packet& packet, Timestamp now);

    struct Meter {
        StormLimit limit;
        TokenBucket bucket;
        std::uint64_t passed = 0, dropped = 0;  // packets, of a super-packet its segments
        std::uint64_t storms = 0;               // that have begun
        bool storming = false;
        bool told = true;  // that it has begun
        Timestamp last_refused = {};
    };
    // Nothing where this traffic has no limit.
    const std::optional<Meter>& meter(Traffic traffic) const { return meters_[static_cast<std::size_t>(traffic)]; }

    // What has begun and ended since the last time, each once: `tell(Traffic, bool begins, const Meter&)`.
    template <class Tell>
    void look(Timestamp now, Tell&& tell) {
        for (std::size_t i = 0; i < meters_.size(); ++i) {
            if (!meters_[i] || !meters_[i]->storming) continue;
            Meter& meter = *meters_[i];
            if (!meter.told) meter.told = true, tell(static_cast<Traffic>(i), true, meter);
            if (now - meter.last_refused < kCalm) continue;
            meter.storming = false;
            tell(static_cast<Traffic>(i), false, meter);
        }
    }

private:
    std::array<std::optional<Meter>, kNames.size()> meters_;
};

}  // namespace hairpin::l2
