#pragma once
// The addresses of GNS3's nodes, which stand in files beside the project:
//
//   set pcname PC1                                  startup.vpc, of VPCS
//   ip 10.0.0.1/24 10.0.0.254                       or ip 10.0.0.1 255.255.255.0 10.0.0.254, or ip 10.0.0.1 10.0.0.254 24
//
//   iface eth0 inet static                          etc/network/interfaces, of a container
//       address 10.0.0.1/24                         or netmask 255.255.255.0 in a line of its own
//       gateway 10.0.0.254

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/complaints.h"
#include "net/ipv4_address.h"

namespace hairpin::lab {

struct Gns3Address {
    Ipv4InterfaceAddress address = {};
    std::optional<Ipv4Address> gateway = {};
    Position at = {};  // of the address
};

struct Gns3Addresses {
    std::string name;  // what VPCS calls itself; may be empty
    std::map<std::string, Gns3Address> by_interface;
    std::vector<PlacedText> commands;  // what a container runs when an interface comes up
    std::vector<PlacedText> untaken;   // lines without counterpart
};

Gns3Addresses read_vpcs_script(const std::string& text);
Gns3Addresses read_interfaces_file(const std::string& text);

}  // namespace hairpin::lab
