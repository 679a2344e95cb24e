#pragma once
// Which packets each SNAT rule gets to see where they leave: what it matches, without what the rules before it take.

#include <vector>

#include "gateway/analysis/destinations.h"
#include "gateway/analysis/dnat_branches.h"
#include "gateway/analysis/nat_reach.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway::analysis {

struct SnatShare {
    const NatRule* rule = nullptr;
    std::vector<Box> packets;  // as they are after DNAT
    NatReach reach;

    // Some of what it sees gets another source.
    bool translates_address() const;
};

// Of every enabled snat and no-snat rule, in order.
std::vector<SnatShare> find_snat_shares(const Ruleset& ruleset, const Destinations& destinations, Effort& effort);

// What becomes of packets of a branch; and packets after DNAT, as those of a branch came in.
Box after_dnat(const DnatBranch& branch, const Box& packets);
Box before_dnat(const DnatBranch& branch, const Box& packets);

}  // namespace hairpin::gateway::analysis
