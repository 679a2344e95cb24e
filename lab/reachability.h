#pragma once
// Who reaches whom: every host pings every address of all others.

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

// One ping a pair, to the first address; kAtOnce at a time. Hosts without an address are left out.
Reachability ping_all(const LabState& lab);

}  // namespace hairpin::lab
