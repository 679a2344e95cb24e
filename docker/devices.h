#pragma once
// The TAP devices that become the interfaces of containers.
//
//   made      in the engine's network namespace, which is ours, under a name of ours; it persists, so it goes on without anybody
//             who has it open: when the daemon and we are killed, containers keep their interface, its address and its routes
//   moved     by the engine into the container's namespace, which gives it the name eth0 or whatever is next there
//   found     again by its MAC, in either place, when it is to be passed to a daemon that has begun anew. That needs CAP_SYS_ADMIN
//   removed   where the engine has put it back; one whose namespace has ended is gone with it

#include <string>

#include "net/mac_address.h"
#include "net/result.h"
#include "switch/ports/tap_device.h"

namespace hairpin::docker {

// Who made it may have been stopped before they could say so: one of this name that nobody has open is as good.
Result<l2::TapDevice> make_device(const std::string& name, unsigned mtu);

bool device_is_here(const std::string& name);
// By its name here, or by its MAC in the namespace that this file is.
Result<l2::TapDevice> find_device(const std::string& name, MacAddress mac, const std::string& sandbox);

// No error when there is none here. Whoever has it open has nothing from then on.
Result<void> remove_device(const std::string& name);

}  // namespace hairpin::docker
