// The sessions that live.

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/session_filter.h"
#include "runtime/session_view.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

Result<json> chosen_sessions(Worker& worker, const json& parameters) {
    const gateway::Ruleset& ruleset = worker.gateway().ruleset();
    json conditions = parameters.is_object() ? parameters : json::object();
    std::optional<std::uint64_t> top;
    if (const auto found = conditions.find("top"); found != conditions.end()) {
        if (!found->is_number_unsigned() || *found == 0)
            return failure("top wants a number from 1 on: how many sessions, those with the most bytes first", "top");
        top = found->get<std::uint64_t>();
        conditions.erase(found);
    }
    const auto filter = SessionFilter::parse(conditions, ruleset);
    if (!filter) return tl::unexpected(filter.error());

    std::vector<const gateway::Session*> chosen;
    worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        if (filter->holds(session)) chosen.push_back(&session);
    });
    if (top) {
        const auto by_bytes = [](const gateway::Session* one, const gateway::Session* other) {
            return one->bytes[0] + one->bytes[1] > other->bytes[0] + other->bytes[1];
        };
        const std::size_t count = std::min<std::size_t>(chosen.size(), *top);
        std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(count), chosen.end(), by_bytes);
        chosen.resize(count);
    } else {
        std::sort(chosen.begin(), chosen.end(), [](const auto* one, const auto* other) { return one->id() < other->id(); });
    }
    json result = no_rows();
    const Timestamp now = monotonic_now();
    for (const gateway::Session* session : chosen) result["rows"].push_back(session_row(*session, worker.gateway(), now));
    return result;
}

Answer list_sessions(DaemonParts& parts, const json& parameters, Caller&) {
    return answer_or(control::kInvalidParams, chosen_sessions(parts.worker, parameters));
}

Answer sessions_summary(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    struct Sum {
        std::uint64_t sessions = 0, translated = 0, packets = 0, bytes = 0;
    };
    std::map<std::pair<IpProtocol, gateway::SessionState>, Sum> sums;
    worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        Sum& sum = sums[{session.original_key.protocol, session.state}];
        ++sum.sessions;
        if (session.translated()) ++sum.translated;
        sum.packets += session.packets[0] + session.packets[1];
        sum.bytes += session.bytes[0] + session.bytes[1];
    });
    json result = no_rows();
    for (const auto& [kind, sum] : sums)
        result["rows"].push_back({{"protocol", to_string(kind.first)},
                                  {"state", gateway::row_of(kind.second).name},
                                  {"sessions", sum.sessions},
                                  {"translated", sum.translated},
                                  {"packets", sum.packets},
                                  {"bytes", sum.bytes}});
    result["sessions"] = worker.gateway().sessions().size();
    result["capacity"] = worker.gateway().sessions().capacity();
    return result;
}

Answer syn_proxy(DaemonParts& parts, const json&, Caller&) {
    const gateway::EdgeGateway& edge = parts.worker.gateway();
    json result = no_rows();
    if (!edge.has_rules() || (!proxies_syns(edge.ruleset()) && edge.syn_proxy().counters.answered == 0)) return result;
    const gateway::SynProxyCounters& counters = edge.syn_proxy().counters;
    std::uint64_t waiting = 0;
    edge.sessions().for_each([&](gateway::SessionIndex index, const gateway::Session& session) {
        if (session.proxied && !edge.syn_proxy()[index].open && session.state == gateway::SessionState::opening) ++waiting;
    });
    result["rows"].push_back({{"answered", counters.answered},
                              {"returned", counters.returned},
                              {"opened", counters.opened},
                              {"refused", counters.refused},
                              {"silent", counters.silent},
                              {"waiting", waiting}});
    return result;
}

Result<json> clear_sessions(Worker& worker, const json& parameters) {
    const auto filter = SessionFilter::parse(parameters, worker.gateway().ruleset());
    if (!filter) return tl::unexpected(filter.error());
    const std::size_t cleared =
        worker.gateway().clear_sessions([&](const gateway::Session& session) { return filter->holds(session); });
    return json{{"cleared", cleared}};
}

Answer end_sessions(DaemonParts& parts, const json& parameters, Caller&) {
    return answer_or(control::kInvalidParams, clear_sessions(parts.worker, parameters));
}

// The stages of the live session that a tuple names; the youngest, when several do.
Answer stages(DaemonParts& parts, const json& parameters, Caller&) {
    const auto filter = SessionFilter::parse(parameters, parts.worker.gateway().ruleset());
    if (!filter) return refusal(control::kInvalidParams, filter.error());
    std::optional<gateway::Session> found;
    parts.worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        if (filter->holds(session) && (!found || session.serial > found->serial)) found = session;
    });
    if (!found) return refusal(control::kNotFound, Error{"there is no such session (hairpin show sessions lists them)"});
    const gateway::Ruleset& ruleset = parts.worker.gateway().ruleset();
    return json{{"stages", session_stages(*found, ruleset)},
                {"session", session_row(*found, parts.worker.gateway(), monotonic_now())}};
}

constexpr auto kSessionMethods = std::to_array<MethodRow>({
    {control::method::kShowSessions, "live sessions, filtered by any of their fields", list_sessions},
    {control::method::kShowSessionsSummary, "how many sessions there are, by protocol and state", sessions_summary},
    {control::method::kShowSessionsSynProxy, "handshakes that the gateway has made for servers", syn_proxy},
    {control::method::kClearSessions, "ends the sessions that a filter names, or all", end_sessions},
    {control::method::kSessionStages, "the four stages of a live session", stages},
});

}  // namespace

std::span<const MethodRow> session_methods() { return kSessionMethods; }

}  // namespace hairpin::runtime
