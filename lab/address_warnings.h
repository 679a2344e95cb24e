#pragma once
// What a topology may say, and what hardly anybody means: addresses that two have at the same time, and addresses that no host can have.

#include "lab/complaints.h"
#include "lab/topology.h"

namespace hairpin::lab {

// Two interfaces with the same IPv4 address, or the same MAC address, in one VLAN of one segment; a network's own address, or its broadcast
// address, on an interface.
void warn_about_addresses(const Topology& topology, Complaints& complaints);

}  // namespace hairpin::lab
