#include "runtime/port_rates.h"

#include <cmath>
#include <initializer_list>

#include "runtime/counter_baselines.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

namespace {

// Of a counter that has begun anew: nothing.
double rate_of(std::uint64_t before, std::uint64_t now, double seconds) {
    return now < before ? 0 : static_cast<double>(now - before) / seconds;
}

PortRates::Rate rate_of(const TrafficCounters& before, const TrafficCounters& now, double seconds) {
    return {.in_packets = rate_of(before.in_packets, now.in_packets, seconds),
            .in_bits = 8 * rate_of(before.in_bytes, now.in_bytes, seconds),
            .out_packets = rate_of(before.out_packets, now.out_packets, seconds),
            .out_bits = 8 * rate_of(before.out_bytes, now.out_bytes, seconds),
            .drops = rate_of(before.drops, now.drops, seconds)};
}

void approach(PortRates::Rate& mean, const PortRates::Rate& last, double share) {
    for (const auto member : {&PortRates::Rate::in_packets, &PortRates::Rate::in_bits, &PortRates::Rate::out_packets,
                              &PortRates::Rate::out_bits, &PortRates::Rate::drops})
        mean.*member += share * (last.*member - mean.*member);
}

}  // namespace

void PortRates::look(const Worker& worker, Timestamp now) {
    if (last_ && now - *last_ < kInterval) return;
    const double seconds = last_ ? std::chrono::duration<double>(now - *last_).count() : 1;
    last_ = now;
    std::map<std::string, Port> ports;
    for (const auto& [name, entry] : worker.ports()) {
        Port port{.counted = totals_of(entry, worker.bridge())};
        if (const auto before = ports_.find(name); before != ports_.end()) {
            port.last = rate_of(before->second.counted, port.counted, seconds);
            port.mean = before->second.measured ? before->second.mean : port.last;
            approach(port.mean, port.last, 1 - std::exp(-seconds / kMeanSeconds));
            port.measured = true;
        }
        ports.emplace(name, port);
    }
    ports_ = std::move(ports);
}

}  // namespace hairpin::runtime
