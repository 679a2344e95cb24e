#pragma once
// The nodes of a topology file, with what they inherit. A setting of a node comes, as in containerlab, from its own entry, else
// from its group, else from its kind, else from `defaults`; labels and env are merged key by key, exec and binds are appended
// to what is inherited.

#include <vector>

#include "lab/topology.h"
#include "lab/yaml_tree.h"

namespace hairpin::lab {

// `topology` is the map under the key of that name, its variables expanded.
std::vector<Node> read_nodes(const YamlNode& topology, Runtime runtime, Complaints& complaints);

}  // namespace hairpin::lab
