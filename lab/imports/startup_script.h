#pragma once
// What a device's startup script says about addresses and routes, taken out of it; and the rest.
//
//   ip address add 10.0.0.2/24 dev eth0      (addr, a)          an address
//   ifconfig eth0 10.0.0.2/24 up             netmask 255.255.255.0, too
//   ip route add default via 10.0.0.1        route add default gw 10.0.0.1; another prefix likewise
//   ip link set dev eth0 up                  said by being attached
//   ip link set dev eth0 address 02:...      a MAC
//   iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
//
// Nothing inside of `if`, `for`, a function or a here-document is taken.

#include <optional>
#include <string>
#include <vector>

#include "lab/complaints.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"

namespace hairpin::lab {

struct ScriptAddress {
    std::string interface;
    Ipv4InterfaceAddress address;
    Position at;
};

struct ScriptRoute {
    Ipv4Prefix prefix;
    Ipv4Address next_hop;
    Position at;
};

struct ScriptMac {
    std::string interface;
    MacAddress mac;
    Position at;
};

struct StartupScript {
    std::vector<ScriptAddress> addresses = {};
    std::vector<ScriptRoute> routes = {};
    std::vector<ScriptMac> macs = {};
    std::vector<PlacedText> masquerades = {};  // the interfaces whose address hides others
    std::vector<PlacedText> rest = {};         // commands, each of one line or, of those that have more, all of them
};

StartupScript read_startup_script(const std::string& text);

// Whether a command does something to the network of where it runs, and to nothing else: what may be run in a namespace that has this machine's
// files and services. A script was written for a container, and starts services and writes files; there they would be the machine's own.
bool is_of_own_network(const std::string& command);

}  // namespace hairpin::lab
