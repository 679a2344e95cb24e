#pragma once
// Only some hosts of a topology: those that are named, with the gateway and all segments, and their links.

#include <string>
#include <vector>

#include "lab/topology.h"

namespace hairpin::lab {

// An error names a host that the topology does not have.
Result<void> keep_nodes(Topology& topology, const std::vector<std::string>& hosts);

}  // namespace hairpin::lab
