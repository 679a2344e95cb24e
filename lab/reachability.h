#pragma once
// Who reaches whom: every host pings every address of all others.

#include <chrono>
#include <string>
#include <vector>

#include "lab/lab_state.h"

namespace hairpin::lab {

struct Reachability {
    std::vector<std::string> hosts;
    std::vector<std::vector<bool>> reached;  // [from][to]; of a host to itself true
    std::size_t pairs() const { return hosts.size() * (hosts.size() - (hosts.empty() ? 0 : 1)); }
    std::size_t reached_pairs() const;
};

// Hosts without an address are left out; the answers are of these pairs, none of them asked yet.
Reachability pairs_of(const LabState& lab);
// One ping a pair, to the first address, which is waited for so long; kPingsAtOnce at a time. On a terminal it says how far it has come.
inline constexpr std::size_t kPingsAtOnce = 64;
Reachability ping_all(const LabState& lab, std::chrono::milliseconds wait);

}  // namespace hairpin::lab
