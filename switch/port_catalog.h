#pragma once
// The kinds of ports there are. To add one, write switch/ports/x_port.{h,cc}, its settings in switch/settings.h, and a row in
// port_catalog.cc.

#include <memory>
#include <span>
#include <string_view>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "net/result.h"
#include "switch/port.h"
#include "switch/ports/vxlan_endpoints.h"
#include "switch/settings.h"

namespace hairpin::l2 {

struct PortKind {
    std::string_view name;
    std::string_view description;
    // The settings are of this kind. A device is made, and a socket opened, in the calling thread's network namespace.
    Result<std::unique_ptr<Port>> (*open)(const PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                          VxlanEndpoints& endpoints);
};

// In the order of the alternatives of PortSettings::device.
std::span<const PortKind> port_kinds();
const PortKind& kind_of(const PortSettings& settings);

// Opens a port as its settings say; the pool and the ledger must outlive it. Ports of one VXLAN endpoint find each other in `endpoints`.
Result<std::unique_ptr<Port>> open_port(const PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                        VxlanEndpoints& endpoints);

}  // namespace hairpin::l2
