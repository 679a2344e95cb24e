#pragma once
// Whether a NAT rule's turn ever comes.

#include <vector>

#include "gateway/analysis/box.h"
#include "gateway/nat/rule.h"

namespace hairpin::gateway::analysis {

struct NatReach {
    const NatRule* rule = nullptr;
    Remains remains = Remains::nothing;
    std::vector<std::size_t> took;  // positions, in the ruleset, of the rules that took what it would, upwards
};

// The part of `box`, which the rule at `position` matches, that the rules of its side before it leave to it, with what that says of
// its reach. Adds the box to `earlier`. Nothing when the effort ran out.
std::vector<Box> share_of(NatReach& reach, std::size_t position, const Box& box, std::vector<OwnedBox>& earlier, Effort& effort);

}  // namespace hairpin::gateway::analysis
