#pragma once
// What passed a port of the switch, or an interface of the gateway. They count from its beginning and never go back.

#include <cstdint>

namespace hairpin {

struct TrafficCounters {
    std::uint64_t in_packets = 0, in_bytes = 0;
    std::uint64_t out_packets = 0, out_bytes = 0;
    std::uint64_t drops = 0;  // in either direction; by reason they are in the worker's Ledger
};

}  // namespace hairpin
