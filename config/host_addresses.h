#pragma once
// Which addresses no host may have, so that nothing may be sent from there, nor is it to one alone (RFC 1122 3.2.1.3, RFC 1812 5.3.7).

#include <string>
#include <vector>

#include "gateway/firewall/rule.h"
#include "net/ipv4_address.h"

namespace hairpin::config {

// Multicast, loopback, 0.0.0.0/8, and 240.0.0.0/4 with the limited broadcast.
bool is_no_hosts(Ipv4Address address);
// The subnet's own address and its broadcast; a /31 and a /32 have none (RFC 3021).
bool is_reserved_by(Ipv4Address address, const Ipv4Prefix& subnet);

// What is wrong with these as addresses of hosts: "224.1.1.1 is no address of a host"; "" where nothing is.
std::string wrong_as_hosts(const std::vector<gateway::AddressRange>& ranges);

}  // namespace hairpin::config
