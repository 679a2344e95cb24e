#pragma once
// The configuration that the node begins with: what its file says, and for each device of which the file says nothing
//
//   a port of the switch of the device's name, on a segment of that name, with the device behind it
//   and an interface of the gateway of that name there, with the addresses that the emulator had given the device.
//
// So a file may speak of the gateway alone, and where there is none the node is a router. Whoever names a port in the file says all of it;
// of an interface that is named, what is missing is filled in: its segment, and its addresses.

#include <string>
#include <vector>

#include "net/ipv4_address.h"
#include "net/result.h"

namespace hairpin::node {

struct TakenDevice {
    std::string name;
    std::vector<Ipv4InterfaceAddress> addresses = {};
};

// The document for hairpind, in JSON. `startup` is lines of set, or JSON; an error's path is a place in it, "line 3, column 17".
Result<std::string> startup_document(const std::string& startup, const std::vector<TakenDevice>& devices);

}  // namespace hairpin::node
