#pragma once
// Stations that keep changing their port: kMoves times within kWindow, and it is told, once a minute while it goes on. A loop does that, and
// so do two hosts with one address.
//
// Owned by the Bridge. At most kMost stations are watched; where more move at once, the one that moved first makes room.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "net/time.h"
#include "switch/station_moves.h"

namespace hairpin::l2 {

class Flapping {
public:
    static constexpr unsigned kMoves = 5;
    static constexpr Duration kWindow = std::chrono::seconds{10};
    static constexpr Duration kBetweenEvents = std::chrono::minutes{1};
    static constexpr std::size_t kMost = 32;

    struct Station {
        StationMove last;
        unsigned moves = 0;  // within the window that began at `since`
        Timestamp since{}, quiet_until{};
        std::uint64_t total = 0;
    };

    // Whether this move is to be told.
    const Station* note(const StationMove& move, Timestamp now) {
        Station& station = entry_of(move);
        if (now - station.since > kWindow) station.moves = 0, station.since = now;
        station.last = move;
        ++station.moves;
        ++station.total;
        if (station.moves < kMoves || now < station.quiet_until) return nullptr;
        station.quiet_until = now + kBetweenEvents;
        ++told_;
        return &station;
    }
    std::uint64_t told() const { return told_; }

private:
    Station& entry_of(const StationMove& move) {
        const auto found = std::find_if(stations_.begin(), stations_.end(), [&](const Station& station) {
            return station.last.mac == move.mac && station.last.vlan == move.vlan;
        });
        if (found != stations_.end()) return *found;
        if (stations_.size() < kMost) return stations_.emplace_back();
        return *std::min_element(stations_.begin(), stations_.end(),
                                 [](const Station& one, const Station& other) { return one.since < other.since; }) = Station{};
    }

    std::vector<Station> stations_;
    std::uint64_t told_ = 0;
};

}  // namespace hairpin::l2
