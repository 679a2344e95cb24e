#pragma once
// Counters never go back: the packet ledger must balance for ever. What people clear is where they are counted from, and this
// remembers it: shown is what has been counted since.
//
// One for the daemon. A port or interface that went and came again counts from its own beginning.

#include <array>
#include <map>
#include <string>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"
#include "net/traffic_counters.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

// Of a port, with what the bridge dropped that came in by it.
TrafficCounters totals_of(const Worker::PortEntry& entry, const l2::Bridge& bridge);

class CounterBaselines {
public:
    void clear_packets(const Worker& worker) { packets_ = worker.ledger(); }
    void clear_ports(const Worker& worker);
    // What ports had counted when an earlier run of the daemon ended: they count on from there until they are cleared.
    void carry_ports(std::map<std::string, TrafficCounters> counted) { carried_ = std::move(counted); }
    void clear_interfaces(const Worker& worker);

    PacketCounts since(const PacketCounts& now) const { return now.since(packets_); }
    TrafficCounters since(const std::string& port, const TrafficCounters& now) const;
    // Of a tunnel, to one of its remotes.
    TrafficCounters since(const std::string& port, Ipv4Address remote, const TrafficCounters& now) const;
    TrafficCounters since(InterfaceId interface, const TrafficCounters& now) const;

private:
    PacketCounts packets_;
    std::map<std::string, TrafficCounters> ports_, carried_;  // in the first, of tunnels each remote, too
    std::array<TrafficCounters, gateway::kMaxInterfaces> interfaces_{};
};

}  // namespace hairpin::runtime
