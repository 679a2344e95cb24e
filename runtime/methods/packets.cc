// Packets: what became of them, and what would.

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/counter_baselines.h"
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
    auto ruleset = parts.configuration.rules_of(parameters["config"].get<std::string>());
    if (!ruleset) return refusal(control::kConfigurationRefused, ruleset.error());
    return answer_or(control::kInvalidParams, trace_packet_under(std::move(*ruleset), parts.worker, parameters));
}

Answer counters(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    const Ledger ledger = parts.baselines.since(worker.ledger());
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
    const Ledger ledger = parts.baselines.since(parts.worker.ledger());
    json result = no_rows();
    for (const DropReasonRow& row : kDropReasons)
        if (const auto packets = ledger.dropped_for(row.reason); packets > 0)
            result["rows"].push_back({{"reason", row.name}, {"packets", packets}, {"description", row.description}});
    return result;
}

// What can be cleared of counters, each by its word; without one all of them.
struct Clearing {
    const char* what;
    void (*clear)(DaemonParts& parts);
};
constexpr auto kClearings = std::to_array<Clearing>({
    {"interfaces", [](DaemonParts& parts) { parts.baselines.clear_interfaces(parts.worker); }},
    {"ports", [](DaemonParts& parts) { parts.baselines.clear_ports(parts.worker); }},
    {"packets", [](DaemonParts& parts) { parts.baselines.clear_packets(parts.worker); }},
    {"rules", [](DaemonParts& parts) { parts.worker.gateway().clear_rule_counters(); }},
});

Answer clear_counters(DaemonParts& parts, const json& parameters, Caller&) {
    const std::string wanted = parameters.is_object() ? parameters.value("what", "") : "";
    json cleared = json::array();
    for (const Clearing& row : kClearings)
        if (wanted.empty() || wanted == row.what) {
            row.clear(parts);
            cleared.push_back(row.what);
        }
    if (cleared.empty())
        return refusal(control::kInvalidParams,
                       Error{"there are no counters of \"" + wanted + "\": interfaces, ports, packets or rules", "what"});
    return json{{"cleared", cleared}};
}

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kTrace, "sends a packet through the datapath with side effects off", trace},
    {control::method::kShowCounters, "the packet ledger and its balance", counters},
    {control::method::kShowDrops, "dropped packets by reason", drops},
    {control::method::kClearCounters, "counts from now on: interfaces, ports, packets, rules, or all", clear_counters},
});

}  // namespace

std::span<const MethodRow> packet_methods() { return kMethods; }

}  // namespace hairpin::runtime
