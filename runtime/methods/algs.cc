// The application layer gateways: what they have done, and what they wait for.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json port_numbers(const std::vector<L4Port>& ports) {
    json numbers = json::array();
    for (const L4Port port : ports) numbers.push_back(port.number());
    return numbers;
}

Answer algs(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const gateway::EdgeGateway& edge = parts.worker.gateway();
    if (!edge.has_rules()) return result;
    for (const gateway::AlgRow& row : gateway::kAlgRows) {
        const gateway::AlgSettings::One& settings = edge.ruleset().algs.of(row.kind);
        const gateway::AlgCounters& counters = edge.algs().of(row.kind);
        result["rows"].push_back({{"alg", row.name},
                                  {"enabled", settings.enabled},
                                  {"protocol", to_string(row.protocol)},
                                  {"ports", port_numbers(settings.ports)},
                                  {"followed", counters.followed},
                                  {"announced", counters.announced},
                                  {"arrived", counters.arrived},
                                  {"rewritten", counters.rewritten},
                                  {"refused", counters.refused},
                                  {"unread", counters.unread},
                                  {"split", counters.split},
                                  {"stopped", counters.stopped},
                                  {"no_room", counters.no_room}});
    }
    return result;
}

Answer expectations(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const Timestamp now = monotonic_now();
    parts.worker.gateway().algs().expectations.for_each([&](const gateway::Expectation& expectation) {
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(expectation.until - now).count();
        result["rows"].push_back({{"alg", gateway::name_of(expectation.alg)},
                                  {"session", expectation.serial},
                                  {"protocol", to_string(expectation.awaited.protocol)},
                                  {"from", expectation.awaited.source.to_string()},
                                  {"to", endpoint_text(expectation.awaited.destination, expectation.awaited.destination_port)},
                                  {"inside", endpoint_text(expectation.inside.address, expectation.inside.port)},
                                  {"expires_in_seconds", std::max<std::int64_t>(left, 0)}});
    });
    return result;
}

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kShowAlgs, "the application layer gateways and what they have done", algs},
    {control::method::kShowAlgExpectations, "flows that control sessions have announced and that have not come", expectations},
});

}  // namespace

std::span<const MethodRow> alg_methods() { return kMethods; }

}  // namespace hairpin::runtime
