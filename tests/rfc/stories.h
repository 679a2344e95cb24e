#pragma once
// What stories about several RFCs have in common.

#include <set>
#include <string_view>
#include <vector>

#include "tests/support/life.h"

namespace hairpin::testing {

// The guide's rules, with a pool of addresses for what leaves by the uplink, or with one port alone.
HairpinLab::Change with_pool(std::string_view external_addresses);
HairpinLab::Change with_one_port(unsigned external_port);
HairpinLab::Change with_timeout(gateway::SessionState state, std::chrono::seconds idle);

// From outside, in turn every type and code of ICMP about a packet that left the gateway; what comes of it is forgotten.
void say_all_that_icmp_can(HairpinLab& lab, const SeenPacket& about);

// The external addresses behind which the workstation's TCP, UDP and pings are seen, 12 of each.
std::set<Ipv4Address> external_addresses_of_the_workstation(HairpinLab& lab);
// The external ports of UDP flows whose inside ports count up by `step`.
std::vector<unsigned> external_ports(HairpinLab& lab, unsigned first, unsigned step, unsigned count);
// Ports that follow each other could be guessed.
void expect_no_order(const std::vector<unsigned>& ports);

}  // namespace hairpin::testing
