// Who has how many sessions and ports, of whom there is a limit.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/rule_options.h"
#include "runtime/rule_or_null.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

using gateway::SessionLimit;

// On which side a host is the route back to it says.
SessionLimit limit_of(const gateway::EdgeGateway& gateway, const gateway::Subject& subject) {
    const gateway::LimitPlan& plan = gateway.census().plan();
    const bool of_host = subject.host != Ipv4Address{};
    if (subject.number == gateway::kNoRule) {
        if (!of_host) return plan.limits().all;
        const gateway::Route* back = gateway.routes().find(subject.host);
        return back == nullptr ? plan.limits().outside_host : plan.of_host(back->interface);
    }
    const gateway::RuleLimits* limits = plan.of_rule(subject.number);
    if (limits == nullptr) return {};
    return of_host ? limits->per_source : limits->all;
}

Answer session_limits(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const gateway::SessionCensus& census = parts.worker.gateway().census();
    std::vector<const gateway::SessionCensus::Record*> records;
    census.for_each([&](const gateway::SessionCensus::Record& record) { records.push_back(&record); });
    std::sort(records.begin(), records.end(), [](const auto* one, const auto* other) {
        const auto key = [](const auto* record) {
            return std::tuple{record->subject.host != Ipv4Address{}, ~record->count.sessions, record->subject.number,
                              record->subject.host};
        };
        return key(one) < key(other);
    });
    for (const auto* record : records) {
        const gateway::Subject& subject = record->subject;
        const gateway::SessionCount& count = record->count;
        result["rows"].push_back({{"host", subject.host == Ipv4Address{} ? json(nullptr) : json(subject.host.to_string())},
                                  {"rule", rule_or_null(subject.number)},
                                  {"sessions", count.sessions},
                                  {"tcp", count.tcp},
                                  {"udp", count.udp},
                                  {"icmp", count.icmp},
                                  {"half_open", count.half_open},
                                  {"refused", record->refused},
                                  {"limit", limit_json(limit_of(parts.worker.gateway(), subject))}});
    }
    result["refused"] = parts.worker.ledger().dropped_for(DropReason::session_limit);
    return result;
}

Answer subscribers(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const gateway::MappingTable& mappings = parts.worker.gateway().mappings();
    mappings.subscribers().for_each([&](const gateway::MappingTable::Subscribers::Record& record) {
        const auto protocol = static_cast<IpProtocol>(record.subject.number);
        const std::uint32_t most = mappings.quota().of(protocol);
        result["rows"].push_back({{"host", record.subject.host.to_string()},
                                  {"protocol", to_string(protocol)},
                                  {"ports", record.holds},
                                  {"limit", most == 0 ? json(nullptr) : json(most)},
                                  {"refused", record.refused}});
    });
    result["refused"] = parts.worker.ledger().dropped_for(DropReason::nat_quota);
    return result;
}

Answer port_blocks(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const Timestamp now = monotonic_now();
    parts.worker.gateway().mappings().blocks().for_each([&](const gateway::PortBlock& block) {
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - block.since).count();
        result["rows"].push_back({{"host", block.host.to_string()},
                                  {"address", block.address.to_string()},
                                  {"first_port", block.ports.first.number()},
                                  {"last_port", block.ports.last.number()},
                                  {"mappings", block.mappings},
                                  {"age_seconds", std::max<std::int64_t>(age, 0)}});
    });
    result["refused"] = parts.worker.ledger().dropped_for(DropReason::nat_quota);
    return result;
}

constexpr auto kLimitMethods = std::to_array<MethodRow>({
    {control::method::kShowNatPortBlocks, "which outside ports belong to which inside host, in blocks", port_blocks},
    {control::method::kShowNatSubscribers, "how many outside ports inside hosts use, of those they may", subscribers},
    {control::method::kShowSessionsLimits, "how many sessions everybody has for whom there is a limit", session_limits},
});

}  // namespace

std::span<const MethodRow> limit_methods() { return kLimitMethods; }

}  // namespace hairpin::runtime
