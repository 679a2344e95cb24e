#pragma once
// Whether a NAT rule's turn ever comes.

#include <vector>

#include "gateway/analysis/box_list.h"
#include "gateway/nat/rule.h"

namespace hairpin::gateway::analysis {

struct NatReach {
    const NatRule* rule = nullptr;
    Remains remains = Remains::nothing;
    std::vector<std::size_t> took;  // positions, in the ruleset, of the rules that took what it would, upwards
};

// Of what the rules of one side match, in their order, the part that the one at `place` gets when those before it have taken theirs,
// with what that says of its reach. Nothing when the effort ran out.
std::vector<Box> share_of(NatReach& reach, const BoxList& matching, std::size_t place, Effort& effort);

}  // namespace hairpin::gateway::analysis
