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
#include "runtime/worker.h"
#include "switch/port.h"

namespace hairpin::runtime {

// Of a port, with what the bridge dropped that came in by it.
l2::PortCounters totals_of(const Worker::PortEntry& entry, const l2::Bridge& bridge);

class CounterBaselines {
public:
    void clear_packets(const Worker& worker) { ledger_ = worker.ledger(); }
    void clear_ports(const Worker& worker);
    void clear_interfaces(const Worker& worker);

    Ledger since(const Ledger& now) const;
    l2::PortCounters since(const std::string& port, const l2::PortCounters& now) const;
    gateway::InterfaceCounters since(InterfaceId interface, const gateway::InterfaceCounters& now) const;

private:
    Ledger ledger_;
    std::map<std::string, l2::PortCounters> ports_;
    std::array<gateway::InterfaceCounters, gateway::kMaxInterfaces> interfaces_{};
};

}  // namespace hairpin::runtime
