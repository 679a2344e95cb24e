#pragma once
// What is wrong with tunnels that only the network underneath can tell: an address that is not there, no way to a remote, and packets
// that a segment allows and the way does not.

#include <string>
#include <vector>

#include "config/compile.h"

namespace hairpin::runtime {

// "path: reason", each. Asks the kernel, in the namespaces of the tunnels, and changes nothing; about a namespace that is not there,
// nothing is said.
std::vector<std::string> tunnel_remarks(const config::Configuration& configuration);

}  // namespace hairpin::runtime
