// Packets: what became of them, and what would.

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/packet_tracer.h"
#include "runtime/running_configuration.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

Answer trace(DaemonParts& parts, const json& parameters, Caller&) {
    if (!parameters.is_object() || !parameters.contains("config"))
        return answer_or(control::kInvalidParams, trace_packet(parts.worker, parameters));
    auto ruleset = parts.configuration.rules_of(parameters["config"].dump());
    if (!ruleset) return refusal(control::kConfigurationRefused, ruleset.error());
    return answer_or(control::kInvalidParams, trace_packet_under(std::move(*ruleset), parts.worker, parameters));
}

Answer counters(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    const Ledger& ledger = worker.ledger();
    json result = no_rows();
    const auto add = [&](const char* name, auto value, const char* description) {
        result["rows"].push_back({{"name", name}, {"value", value}, {"description", description}});
    };
    add("received", ledger.received, "packets read from ports");
    add("originated", ledger.originated, "packets made by the gateway: ARP, ICMP");
    add("copied", ledger.copied, "packets made from another one: flooded, fragmented, segmented");
    add("transmitted", ledger.transmitted, "packets written to ports");
    add("absorbed", ledger.absorbed, "packets that the gateway took in: ARP, pings");
    add("dropped", ledger.dropped_total(), "packets dropped, by reason in `show drops`");
    add("held", worker.gateway().held(), "packets that wait for ARP or for missing fragments");
    add("balance", worker.imbalance(), "received + originated + copied - transmitted - absorbed - dropped - held: always 0");
    add("sessions", worker.gateway().sessions().size(), "live sessions");
    add("session-capacity", worker.gateway().sessions().capacity(), "sessions that fit; a new one beyond is refused");
    add("packet-buffers", worker.pool().in_use(), "packet buffers in use");
    return result;
}

Answer drops(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    for (const DropReasonRow& row : kDropReasons)
        if (const auto packets = worker.ledger().dropped_for(row.reason); packets > 0)
            result["rows"].push_back({{"reason", row.name}, {"packets", packets}, {"description", row.description}});
    return result;
}

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kTrace, "sends a packet through the datapath with side effects off", trace},
    {control::method::kShowCounters, "the packet ledger and its balance", counters},
    {control::method::kShowDrops, "dropped packets by reason", drops},
});

}  // namespace

std::span<const MethodRow> packet_methods() { return kMethods; }

}  // namespace hairpin::runtime
