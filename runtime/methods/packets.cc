// Packets: what became of them, and what would.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/connectivity/connectivity.h"
#include "runtime/counter_baselines.h"
#include "runtime/drop_view.h"
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

Answer test_connectivity(DaemonParts& parts, const json& parameters, Caller&) {
    const RunningConfiguration& running = parts.configuration;
    connectivity::Configuration asked{running.text(), running.compiled().ruleset};
    if (parameters.is_object() && parameters.contains("config")) {
        asked.document = parameters["config"].get<std::string>();
        auto rules = running.rules_of(asked.document);
        if (!rules) return refusal(control::kConfigurationRefused, rules.error());
        asked.rules = std::move(*rules);
    }
    return answer_or(control::kInvalidParams,
                     connectivity::test(parts.worker, parameters, asked,
                                        [&](const std::string& document) { return running.rules_of(document); }));
}

Answer counters(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    const PacketCounts ledger = parts.baselines.since(worker.ledger());
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
    add("held", worker.held(), "packets that wait for ARP, for missing fragments, or on impaired ports");
    add("balance", worker.imbalance(), "received + originated + copied - transmitted - absorbed - dropped - held: always 0");
    add("sessions", worker.gateway().sessions().size(), "live sessions");
    add("session-capacity", worker.gateway().sessions().capacity(),
        "sessions that fit; beyond, sessions eviction says what makes room");
    add("packet-buffers", worker.pool().in_use(), "packet buffers in use");
    return result;
}

std::int64_t seconds_since(Timestamp time) {
    return std::chrono::duration_cast<std::chrono::seconds>(monotonic_now() - time).count();
}

Answer drops(DaemonParts& parts, const json&, Caller&) {
    const Worker& worker = parts.worker;
    const PacketCounts counts = parts.baselines.since(worker.ledger());
    json result = no_rows();
    for (const DropReasonRow& row : kDropReasons)
        if (const auto packets = counts.dropped_for(row.reason); packets > 0)
            result["rows"].push_back({{"reason", row.name},
                                      {"packets", packets},
                                      {"description", row.description},
                                      {"last", drop_row(*worker.ledger().recorder.last(row.reason), worker)},
                                      {"last_seconds_ago", seconds_since(worker.ledger().recorder.last(row.reason)->time)}});
    return result;
}

Answer recent_drops(DaemonParts& parts, const json& parameters, Caller&) {
    constexpr std::size_t kUsual = 20;
    const FlightRecorder& recorder = parts.worker.ledger().recorder;
    const json count = parameters.value("count", json(kUsual));
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > FlightRecorder::kCapacity)
        return refusal(
            control::kInvalidParams,
            Error{fmt::format("count must be a number up to {}: more drops are not kept", FlightRecorder::kCapacity), "count"});
    std::optional<DropReason> reason;
    if (parameters.contains("reason")) {
        const std::string name =
            parameters["reason"].is_string() ? parameters["reason"].get<std::string>() : parameters["reason"].dump();
        reason = parse_drop_reason(name);
        if (!reason) return refusal(control::kInvalidParams, Error{fmt::format("nothing is dropped for \"{}\"", name), "reason"});
    }
    json result = no_rows();
    for (const DroppedPacket* packet : newest_drops(recorder, count.get<std::size_t>(), reason))
        result["rows"].push_back(drop_row(*packet, parts.worker));
    return result;
}

// What can be cleared of counters, each by its word; without one all of them.
struct Clearing {
    const char* what;
    void (*clear)(DaemonParts& parts);
};
constexpr auto kClearings = std::to_array<Clearing>({
    {"interfaces", [](DaemonParts& parts) { parts.baselines.clear_interfaces(parts.worker); }},
    {"ports",
     [](DaemonParts& parts) {
         parts.baselines.clear_ports(parts.worker);
         parts.worker.clear_cable_statistics();
     }},
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

constexpr auto kPacketMethods = std::to_array<MethodRow>({
    {control::method::kTrace, "sends a packet through the datapath with side effects off", trace},
    {control::method::kTestConnectivity, "whether a client can reach a server, and what would allow it", test_connectivity},
    {control::method::kShowCounters, "the packet ledger and its balance", counters},
    {control::method::kShowDrops, "dropped packets by reason, with the last one of each", drops},
    {control::method::kShowDropsRecent, "the packets that were dropped last", recent_drops},
    {control::method::kClearCounters, "counts from now on: interfaces, ports, packets, rules, or all", clear_counters},
});

}  // namespace

std::span<const MethodRow> packet_methods() { return kPacketMethods; }

}  // namespace hairpin::runtime
