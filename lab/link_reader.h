#pragma once
// The links of a topology file, in containerlab's brief form, checked against the nodes:
//
//   - endpoints: ["workstation:eth1", "lan:workstation"]     one end in a host or the gateway, the other in a bridge
//     ipv4: ["192.168.255.2/24"]                             in the order of the endpoints; a bridge's is left out or ""
//     mtu: 1500
//     vars: {gateway: 192.168.255.1, mac: "02:00:00:00:00:02", vlan: 10}       or trunk: [10, 20] with native: 1
//     vars: {impair: {delay: 20ms, loss: 1%}, state: up}                           see lab/link_cable.h

#include <vector>

#include "lab/topology.h"
#include "lab/yaml_tree.h"

namespace hairpin::lab {

// `topology` is the map under the key of that name, `nodes` what read_nodes made of it.
std::vector<Attachment> read_links(const YamlNode& topology, const std::vector<Node>& nodes, Complaints& complaints);

}  // namespace hairpin::lab
