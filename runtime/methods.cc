#include "runtime/methods.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "control/protocol.h"
#include "runtime/clock.h"
#include "runtime/event_feed.h"
#include "runtime/packet_tracer.h"
#include "runtime/port_view.h"
#include "runtime/running_configuration.h"
#include "runtime/session_filter.h"
#include "runtime/session_view.h"
#include "runtime/show.h"

namespace hairpin::runtime {

using control::Caller;
using control::RpcError;
using nlohmann::json;
using Answer = control::Dispatcher::Answer;

namespace {

// An error of ours as JSON-RPC carries it: the path, where there is one, goes into the data.
tl::unexpected<RpcError> refusal(int code, const Error& error) {
    if (error.path.empty()) return tl::unexpected(RpcError{code, error.message});
    return tl::unexpected(RpcError{code, error.message, json{{"path", error.path}, {"reason", error.message}}});
}

Answer answer_or(int code, Result<json> result) {
    if (!result) return refusal(code, result.error());
    return std::move(*result);
}

// A handler with the daemon's parts; every row below is one.
using Method = Answer (*)(DaemonParts& parts, const json& parameters, Caller& caller);

// The `show` commands that take no parameters.
template <json (*Show)(Worker&)>
Answer show(DaemonParts& parts, const json&, Caller&) {
    return Show(parts.worker);
}

Answer version(DaemonParts& parts, const json&, Caller&) {
    return json{{"version", HAIRPIN_VERSION},
                {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(monotonic_now().time_since_epoch()).count()},
                {"pid", getpid()},
                {"generation", parts.worker.gateway().ruleset().generation}};
}

Answer list_sessions(DaemonParts& parts, const json& parameters, Caller&) {
    return answer_or(control::kInvalidParams, show_sessions(parts.worker, parameters));
}

Answer end_sessions(DaemonParts& parts, const json& parameters, Caller&) {
    return answer_or(control::kInvalidParams, clear_sessions(parts.worker, parameters));
}

Answer trace(DaemonParts& parts, const json& parameters, Caller&) {
    return answer_or(control::kInvalidParams, trace_packet(parts.worker, parameters));
}

// The stages of the live session that a tuple names; the youngest, when several do.
Answer stages(DaemonParts& parts, const json& parameters, Caller&) {
    const auto filter = SessionFilter::parse(parameters);
    if (!filter) return refusal(control::kInvalidParams, filter.error());
    std::optional<gateway::Session> found;
    parts.worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        if (filter->holds(session) && (!found || session.serial > found->serial)) found = session;
    });
    if (!found) return refusal(control::kNotFound, Error{"there is no such session (hairpin show sessions lists them)"});
    const gateway::Ruleset& ruleset = parts.worker.gateway().ruleset();
    return json{{"stages", session_stages(*found, ruleset)}, {"session", session_row(*found, ruleset, monotonic_now())}};
}

Answer load_configuration(DaemonParts& parts, const json& parameters, Caller&) {
    if (!parameters.is_object() || !parameters.contains("config"))
        return refusal(control::kInvalidParams, Error{"config.load wants \"config\"", "config"});
    const auto change = parts.configuration.replace(parameters["config"].dump(), parts.worker);
    if (!change) return refusal(control::kConfigurationRefused, change.error());
    return json{{"generation", change->generation}, {"summary", change->summary}, {"warnings", change->warnings}};
}

Answer get_configuration(DaemonParts& parts, const json&, Caller&) { return json{{"config", parts.configuration.document()}}; }

Answer add_port(DaemonParts& parts, const json& parameters, Caller&) {
    if (!parameters.is_object() || !parameters.contains("port") || !parameters["port"].is_object())
        return refusal(control::kInvalidParams, Error{"port.add wants \"port\": one entry as in hairpin:switch/port", "port"});
    if (const auto added = parts.configuration.add_port(parameters["port"], parts.worker); !added)
        return refusal(added.error().path.empty() ? control::kOperationFailed : control::kConfigurationRefused, added.error());
    return json{{"row", port_row(parts.worker.ports().at(parameters["port"]["name"].get<std::string>()), parts.worker.bridge())}};
}

Answer remove_port(DaemonParts& parts, const json& parameters, Caller&) {
    const std::string name = parameters.is_object() ? parameters.value("name", "") : "";
    const auto found = parts.worker.ports().find(name);
    if (found == parts.worker.ports().end())
        return refusal(control::kNotFound, Error{"there is no port \"" + name + "\"", "name"});
    const json row = port_row(found->second, parts.worker.bridge());
    if (const auto removed = parts.configuration.remove_port(name, parts.worker); !removed)
        return refusal(control::kOperationFailed, removed.error());
    return json{{"row", row}};
}

Answer monitor(DaemonParts& parts, const json& parameters, Caller& caller) {
    std::set<std::string, std::less<>> topics;
    if (parameters.is_object() && parameters.contains("topics"))
        for (const json& topic : parameters["topics"]) {
            const std::string name = topic.is_string() ? topic.get<std::string>() : topic.dump();
            if (std::find(kTopics.begin(), kTopics.end(), name) == kTopics.end())
                return refusal(control::kInvalidParams,
                               Error{"there is no topic \"" + name + "\": sessions, drops, ports, neighbors", "topics"});
            topics.insert(name);
        }
    if (topics.empty()) topics.insert(kTopics.begin(), kTopics.end());
    const EventFeed::Token token = parts.events.listen(topics, caller.notify);
    EventFeed& events = parts.events;
    caller.on_close([&events, token] { events.forget(token); });
    return json{{"subscribed", topics}};
}

Answer stop(DaemonParts& parts, const json&, Caller&) {
    parts.stop();
    return json{{"stopping", true}};
}

struct MethodRow {
    const char* name;
    const char* description;
    Method method;
};

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kVersion, "what runs, since when", version},
    {control::method::kShowInterfaces, "the gateway's interfaces", show<show_interfaces>},
    {control::method::kShowPorts, "the switch's ports", show<show_ports>},
    {control::method::kShowMacTable, "the stations that the switch knows", show<show_mac_table>},
    {control::method::kShowArp, "the neighbours that the gateway knows", show<show_arp>},
    {control::method::kShowRoutes, "the gateway's routes", show<show_routes>},
    {control::method::kShowFirewall, "the firewall rules in order, with hits", show<show_firewall>},
    {control::method::kShowNatRules, "the NAT rules in order, with hits", show<show_nat_rules>},
    {control::method::kShowSessions, "live sessions, filtered by protocol, source, destination", list_sessions},
    {control::method::kShowCounters, "the packet ledger and its balance", show<show_counters>},
    {control::method::kShowDrops, "dropped packets by reason", show<show_drops>},
    {control::method::kClearSessions, "ends the sessions that a filter names, or all", end_sessions},
    {control::method::kSessionStages, "the four stages of a live session", stages},
    {control::method::kTrace, "sends a packet through the datapath with side effects off", trace},
    {control::method::kConfigLoad, "replaces the configuration while traffic runs", load_configuration},
    {control::method::kConfigGet, "the configuration in force", get_configuration},
    {control::method::kPortAdd, "adds a port while traffic runs", add_port},
    {control::method::kPortRemove, "removes a port while traffic runs", remove_port},
    {control::method::kMonitor, "subscribes to live events", monitor},
    {control::method::kStop, "stops the daemon", stop},
});

}  // namespace

void register_methods(control::Dispatcher& dispatcher, DaemonParts parts) {
    const auto shared = std::make_shared<DaemonParts>(std::move(parts));
    for (const MethodRow& row : kMethods)
        dispatcher.add({row.name, row.description, [shared, method = row.method](const json& parameters, Caller& caller) {
                            return method(*shared, parameters, caller);
                        }});
}

}  // namespace hairpin::runtime
