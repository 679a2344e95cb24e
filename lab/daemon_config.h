#pragma once
// The configuration of a lab's hairpind: what its author wrote for the gateway ("hairpin:gateway", in configs/), joined with the
// switch that follows from the links ("hairpin:switch"): a segment for each bridge and a TAP port for each host on it.
//
// What a link of the gateway says (segment, ipv4, mtu, mac, vlan) fills in what its interface leaves out.

#include <string>
#include <vector>

#include "lab/topology.h"

namespace hairpin::lab {

// The two parts of the document.
inline constexpr const char* kSwitchPart = "hairpin:switch";
inline constexpr const char* kGatewayPart = "hairpin:gateway";

struct DaemonConfig {
    std::string text;                            // the whole document as JSON
    std::vector<std::string> gateway_addresses;  // "192.168.255.1/24", of all interfaces in their order
};

// `gateway_config` is the text of topology.gateway().config_file, which must agree with the links: it has an interface for each
// of the gateway's, in the same segment, and no switch of its own.
Result<DaemonConfig> daemon_config(const Topology& topology, const std::string& gateway_config);
// The same, of that file as it is now.
Result<DaemonConfig> read_daemon_config(const Topology& topology);

}  // namespace hairpin::lab
