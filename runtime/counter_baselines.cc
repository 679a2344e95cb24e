#include "runtime/counter_baselines.h"

#include "switch/ports/vxlan_port.h"

namespace hairpin::runtime {

namespace {

// Whoever counts less than before has begun anew.
TrafficCounters difference(const TrafficCounters& now, const TrafficCounters& before) {
    if (now.in_packets < before.in_packets || now.out_packets < before.out_packets || now.drops < before.drops) return now;
    TrafficCounters since = now;
    since.in_packets -= before.in_packets;
    since.in_bytes -= before.in_bytes;
    since.out_packets -= before.out_packets;
    since.out_bytes -= before.out_bytes;
    since.drops -= before.drops;
    return since;
}

// No port has a blank in its name.
std::string place_of(const std::string& port, Ipv4Address remote) { return port + " " + remote.to_string(); }

TrafficCounters sum(const TrafficCounters& one, const TrafficCounters& other) {
    return {.in_packets = one.in_packets + other.in_packets,
            .in_bytes = one.in_bytes + other.in_bytes,
            .out_packets = one.out_packets + other.out_packets,
            .out_bytes = one.out_bytes + other.out_bytes,
            .drops = one.drops + other.drops};
}

}  // namespace

TrafficCounters totals_of(const Worker::PortEntry& entry, const l2::Bridge& bridge) {
    TrafficCounters counters = entry.port->counters();
    counters.drops += bridge.drops(entry.id) + entry.former_cable_drops;
    if (entry.cable != nullptr) counters.drops += entry.cable->cable.drops();
    return counters;
}

void CounterBaselines::clear_ports(const Worker& worker) {
    ports_.clear();
    carried_.clear();
    for (const auto& [name, entry] : worker.ports()) {
        ports_[name] = totals_of(entry, worker.bridge());
        if (const l2::VxlanPort* tunnel = tunnel_of(entry))
            for (const auto& remote : tunnel->remotes()) ports_[place_of(name, remote.settings.address)] = remote.counters;
    }
}

void CounterBaselines::clear_interfaces(const Worker& worker) {
    for (std::size_t i = 0; i < interfaces_.size(); ++i) interfaces_[i] = worker.gateway().counters(static_cast<InterfaceId>(i));
}

TrafficCounters CounterBaselines::since(const std::string& port, const TrafficCounters& now) const {
    const auto before = ports_.find(port);
    const TrafficCounters since = before == ports_.end() ? now : difference(now, before->second);
    const auto earlier = carried_.find(port);
    return earlier == carried_.end() ? since : sum(since, earlier->second);
}

TrafficCounters CounterBaselines::since(const std::string& port, Ipv4Address remote, const TrafficCounters& now) const {
    return since(place_of(port, remote), now);
}

TrafficCounters CounterBaselines::since(InterfaceId interface, const TrafficCounters& now) const {
    return difference(now, interfaces_[index_of(interface)]);
}

}  // namespace hairpin::runtime
