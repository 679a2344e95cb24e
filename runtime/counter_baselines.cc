#include "runtime/counter_baselines.h"

namespace hairpin::runtime {

namespace {

// Whoever counts less than before has begun anew.
template <class Counters>
Counters difference(const Counters& now, const Counters& before) {
    if (now.in_packets < before.in_packets || now.out_packets < before.out_packets || now.drops < before.drops) return now;
    Counters since = now;
    since.in_packets -= before.in_packets;
    since.in_bytes -= before.in_bytes;
    since.out_packets -= before.out_packets;
    since.out_bytes -= before.out_bytes;
    since.drops -= before.drops;
    return since;
}

}  // namespace

l2::PortCounters totals_of(const Worker::PortEntry& entry, const l2::Bridge& bridge) {
    l2::PortCounters counters = entry.port->counters();
    counters.drops += bridge.drops(entry.id);
    return counters;
}

void CounterBaselines::clear_ports(const Worker& worker) {
    ports_.clear();
    for (const auto& [name, entry] : worker.ports()) ports_[name] = totals_of(entry, worker.bridge());
}

void CounterBaselines::clear_interfaces(const Worker& worker) {
    for (std::size_t i = 0; i < interfaces_.size(); ++i) interfaces_[i] = worker.gateway().counters(static_cast<InterfaceId>(i));
}

Ledger CounterBaselines::since(const Ledger& now) const {
    Ledger since = now;
    since.received -= ledger_.received;
    since.originated -= ledger_.originated;
    since.copied -= ledger_.copied;
    since.transmitted -= ledger_.transmitted;
    since.absorbed -= ledger_.absorbed;
    for (std::size_t i = 0; i < since.dropped.size(); ++i) since.dropped[i] -= ledger_.dropped[i];
    return since;
}

l2::PortCounters CounterBaselines::since(const std::string& port, const l2::PortCounters& now) const {
    const auto before = ports_.find(port);
    return before == ports_.end() ? now : difference(now, before->second);
}

gateway::InterfaceCounters CounterBaselines::since(InterfaceId interface, const gateway::InterfaceCounters& now) const {
    return difference(now, interfaces_[index_of(interface)]);
}

}  // namespace hairpin::runtime
