#pragma once
// What happens to the switch itself (storms, loops, stations that flap) that somebody should be told, until somebody takes it: at most kMost events, and of more only how many
// they were.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "net/mac_address.h"
#include "net/numbers.h"

namespace hairpin::l2 {

struct SwitchEvent {
    enum class Kind : std::uint8_t { storm_begins, storm_ends, loop_found, loop_over, station_flaps };
    Kind kind;
    PortId port;
    std::string_view traffic = {};  // of a storm: which
    std::uint64_t count = 0;        // of a storm: dropped so far; of a station: how often it moved
    PortId other = kNoPort;         // of a loop: at its other end; of a station: where it was before
    MacAddress station = {};
};

class SwitchEvents {
public:
    static constexpr std::size_t kMost = 256;

    void put(const SwitchEvent& event) {
        if (events_.size() < kMost)
            events_.push_back(event);
        else
            ++lost_;
    }
    template <class Visit>
    void take(Visit&& visit) {
        for (const SwitchEvent& event : std::exchange(events_, {})) visit(event);
    }
    std::uint64_t lost() const { return lost_; }

private:
    std::vector<SwitchEvent> events_;
    std::uint64_t lost_ = 0;
};

}  // namespace hairpin::l2
