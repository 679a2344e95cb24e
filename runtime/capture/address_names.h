#pragma once
// Who has which address, as far as the daemon knows: its interfaces, and the neighbours by the port of the switch that they are behind. A reader of
// a capture shows the names instead of the addresses.

#include <vector>

#include "runtime/capture/pcapng.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

// "gateway-lan", "workstation". At most kMostAddressNames.
inline constexpr std::size_t kMostAddressNames = 1024;
std::vector<pcapng::Name> address_names(const Worker& worker);

}  // namespace hairpin::runtime
