#pragma once
// Which addresses no host may have, so that nothing may be sent from there, nor is it to one alone (RFC 1122 3.2.1.3, RFC 1812 5.3.7).

#include <string>
#include <vector>

#include "gateway/firewall/rule.h"
#include "net/ipv4_address.h"

namespace hairpin::config {

// What is wrong with these as addresses of hosts: "224.1.1.1 is no address of a host"; "" where nothing is.
std::string wrong_as_hosts(const std::vector<gateway::AddressRange>& ranges);

}  // namespace hairpin::config
