#pragma once
// From a port's settings to an open port. A TAP is made right inside its host's network namespace, by a thread that visits it, and
// gets there the MAC, the MTU, the addresses and the routes that the settings ask for: made elsewhere and moved, the device would
// cost two more waits for the kernel, and a name that is taken would show only half-way. The sockets of a VXLAN endpoint are opened the same
// way, where the settings say.

#include <memory>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "net/result.h"
#include "switch/port.h"
#include "switch/ports/vxlan_endpoints.h"
#include "switch/settings.h"

namespace hairpin::runtime {

// All or nothing: on an error no device stays behind. A device that is passed comes later; its port is detached until then.
Result<std::unique_ptr<l2::Port>> open_configured_port(const l2::PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                                       l2::VxlanEndpoints& endpoints);

}  // namespace hairpin::runtime
