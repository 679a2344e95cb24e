#pragma once
// The links of a topology that lead out of it: containerlab's type vxlan.
//
//   - type: vxlan
//     endpoint: {node: lan, interface: there}     # a bridge, and the switch's port that it gets
//     remote: 192.0.2.2
//     vni: 100
//     vars: {local: 192.0.2.1}

#include <vector>

#include "lab/file_keys.h"
#include "lab/topology.h"

namespace hairpin::lab {

// Whether a link of `topology.links` is one. Complains about types that there are not.
bool is_tunnel(const YamlNode& link, Complaints& complaints);

std::vector<Tunnel> read_tunnels(const YamlNode& topology, const std::vector<Node>& nodes, Complaints& complaints);

}  // namespace hairpin::lab
