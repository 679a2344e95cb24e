// Packets as they pass: watched at a port, or traced through the gateway. Both answer at once and go on as events.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/live_traces.h"
#include "runtime/methods/method.h"
#include "runtime/traffic_monitor.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

Result<std::string> text_in(const json& parameters, const char* name) {
    const json value = parameters.value(name, json(""));
    if (!value.is_string()) return failure(fmt::format("{} must be a text", name), name);
    return value.get<std::string>();
}

Result<std::optional<std::uint64_t>> count_in(const json& parameters, std::uint64_t most) {
    if (!parameters.contains("count")) return std::nullopt;
    const json& count = parameters["count"];
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() == 0 || count.get<std::uint64_t>() > most)
        return failure(fmt::format("count must be a number from 1 to {}", most), "count");
    return count.get<std::uint64_t>();
}

Result<PacketFilter> filter_in(const json& parameters) {
    const auto text = text_in(parameters, "filter");
    return text ? PacketFilter::compile(*text) : tl::unexpected(text.error());
}

Answer monitor_traffic(DaemonParts& parts, const json& parameters, Caller& caller) {
    constexpr std::uint64_t kMostLines = 1'000'000'000;
    const auto place = text_in(parameters, "port");
    auto filter = filter_in(parameters);
    const auto count = count_in(parameters, kMostLines);
    if (!place) return refusal(control::kInvalidParams, place.error());
    if (!filter) return refusal(control::kInvalidParams, filter.error());
    if (!count) return refusal(control::kInvalidParams, count.error());
    const auto token = parts.traffic.begin({*place, std::move(*filter), *count, caller.notify});
    if (!token) return refusal(control::kNotFound, token.error());
    caller.on_close([&traffic = parts.traffic, token = *token] { traffic.end(token); });
    return json{{"port", *place}, {"lines_per_second", TrafficMonitor::kLinesPerSecond}};
}

Answer trace_live(DaemonParts& parts, const json& parameters, Caller& caller) {
    const gateway::EdgeGateway& gateway = parts.worker.gateway();
    if (parameters.contains("config"))
        return refusal(control::kInvalidParams,
                       Error{"packets that pass are decided by the configuration in force, and by no other", "config"});
    auto filter = filter_in(parameters);
    const auto count = count_in(parameters, LiveTraces::kMostPackets);
    const auto name = text_in(parameters, "interface");
    if (!filter) return refusal(control::kInvalidParams, filter.error());
    if (!count) return refusal(control::kInvalidParams, count.error());
    if (!name) return refusal(control::kInvalidParams, name.error());
    if (!gateway.has_rules()) return refusal(control::kOperationFailed, Error{"trace: the gateway has no rules yet"});
    std::optional<InterfaceId> inbound;
    if (parameters.contains("interface")) {
        inbound = gateway.ruleset().interface_id(*name);
        if (!inbound) return refusal(control::kNotFound, Error{fmt::format("there is no interface \"{}\"", *name), "interface"});
    }
    const SubscriptionToken token = parts.live_traces.begin({std::move(*filter), inbound, count->value_or(1), caller.notify});
    caller.on_close([&traces = parts.live_traces, token] { traces.end(token); });
    return json{{"packets", count->value_or(1)}};
}

constexpr auto kWatchingMethods = std::to_array<MethodRow>({
    {control::method::kMonitorTraffic, "a line for each packet that passes a port", monitor_traffic},
    {control::method::kTraceLive, "traces packets as they pass the gateway", trace_live},
});

}  // namespace

std::span<const MethodRow> watching_methods() { return kWatchingMethods; }

}  // namespace hairpin::runtime
