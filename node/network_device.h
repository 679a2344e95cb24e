#pragma once
// The network devices of the container, and taking one from its kernel: afterwards the kernel has no address there, answers no ARP and
// speaks no IPv6, so that whatever comes belongs to the switch alone.

#include <string>
#include <vector>

#include "net/ipv4_address.h"
#include "net/result.h"

namespace hairpin::node {

struct NetworkDevice {
    std::string name;
    bool up = false;
};

// Ethernet devices of this network namespace, by the number that their names end with: eth2 before eth10. Neither the loopback nor the ones
// that the kernel makes in each namespace (gretap0, erspan0).
std::vector<NetworkDevice> network_devices();

// IPv4 only: what the emulator has given the device.
std::vector<Ipv4InterfaceAddress> addresses_of(const std::string& device);

// Wants CAP_NET_ADMIN. The device is up afterwards.
Result<void> take_from_kernel(const std::string& device);

}  // namespace hairpin::node
