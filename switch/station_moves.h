#pragma once
// Stations that changed their port, until somebody asks: at most kMost of them, and of all how many. One move is a laptop that was carried
// to another room; many of one station between two ports are a loop, or an address that two have.

#include <cstdint>
#include <utility>
#include <vector>

#include "net/mac_address.h"
#include "net/numbers.h"

namespace hairpin::l2 {

struct StationMove {
    MacAddress mac;
    VlanId vlan;
    PortId from, to;
};

class StationMoves {
public:
    static constexpr std::size_t kMost = 64;
    StationMoves() { moves_.reserve(kMost); }

    void note(const StationMove& move) {
        ++total_;
        if (moves_.size() < kMost) moves_.push_back(move);
    }
    template <class Visit>
    void take(Visit&& visit) {
        for (const StationMove& move : moves_) visit(move);
        moves_.clear();
    }
    std::uint64_t total() const { return total_; }

private:
    std::vector<StationMove> moves_;
    std::uint64_t total_ = 0;
};

}  // namespace hairpin::l2
