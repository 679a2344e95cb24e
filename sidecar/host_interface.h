#pragma once
// The interface of the host: a TAP device in this network namespace, which lives as long as this object, whatever becomes of the gateway that
// has a duplicate of its descriptor. It has a carrier exactly while a gateway has it, so whoever shares the namespace sees in
// /sys/class/net/<device>/carrier whether the cable is in.

#include <string>
#include <vector>

#include "net/result.h"
#include "sidecar/options.h"
#include "switch/ports/tap_device.h"

namespace hairpin::sidecar {

class HostInterface {
public:
    // Opens the device and sets it up, without a carrier. Wants CAP_NET_ADMIN in the namespace, and /dev/net/tun.
    static Result<HostInterface> open(const std::string& device, const std::vector<Ipv4InterfaceAddress>& addresses,
                                      const std::vector<Route>& routes);

    int descriptor() const { return tap_.descriptor(); }
    const std::string& name() const { return tap_.name(); }
    void set_carrier(bool on);
    Result<void> set_mtu(unsigned mtu);

private:
    HostInterface(l2::TapDevice tap, int index) : tap_(std::move(tap)), index_(index) {}
    l2::TapDevice tap_;
    int index_;
};

// Whether a device of this namespace has a carrier; an Error where there is none of that name, or it is down.
Result<bool> has_carrier(const std::string& device);

}  // namespace hairpin::sidecar
