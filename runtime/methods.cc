#include "runtime/methods.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "control/protocol.h"
#include "runtime/clock.h"
#include "runtime/commits.h"
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
    if (!parameters.is_object() || !parameters.contains("config"))
        return answer_or(control::kInvalidParams, trace_packet(parts.worker, parameters));
    auto ruleset = parts.configuration.rules_of(parameters["config"].dump());
    if (!ruleset) return refusal(control::kConfigurationRefused, ruleset.error());
    return answer_or(control::kInvalidParams, trace_packet_under(std::move(*ruleset), parts.worker, parameters));
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
    return json{{"stages", session_stages(*found, ruleset)}, {"session", session_row(*found, ruleset, monotonic_now())}};
}

// Who calls, by name where the system has one.
std::string user_of(const Caller& caller) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(caller.uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
    return std::to_string(caller.uid);
}

std::string counted(std::size_t count) { return fmt::format("{} session{}", count, count == 1 ? "" : "s"); }

// What becomes of the sessions that live: nothing is said where they all go on.
std::vector<json> session_consequences(const gateway::Foresight& foresight) {
    std::vector<json> rows;
    const auto say = [&](std::string_view kind, std::size_t count, std::string text) {
        if (count > 0) rows.push_back({{"kind", kind}, {"rule", nullptr}, {"sessions", count}, {"text", std::move(text)}});
    };
    std::string examples;
    for (const gateway::Session& session : foresight.examples)
        examples += (examples.empty() ? ": " : ", ") + session.original_key.to_string();
    if (foresight.examples.size() < foresight.ended) examples += ", ...";
    say("sessions-end", foresight.ended, counted(foresight.ended) + " will end" + examples);
    say("sessions-translated-anew", foresight.translated_anew,
        counted(foresight.translated_anew) + " will begin again with another translation");
    if (!foresight.complete) say("not-determined", 1, "there are more sessions than were looked at");
    return rows;
}

json change_row(const RunningConfiguration::Change& change) {
    json consequences = json::array();
    for (const gateway::Finding& finding : change.findings)
        consequences.push_back({{"kind", finding.kind}, {"rule", finding.rule}, {"text", finding.text}});
    for (json& row : session_consequences(change.sessions)) consequences.push_back(std::move(row));
    return {{"generation", change.generation},
            {"summary", change.summary},
            {"warnings", change.warnings},
            {"consequences", consequences}};
}

Result<Commits::Request> commit_request(const json& parameters, const Caller& caller, std::string via) {
    if (!parameters.is_object() || !parameters.contains("config")) return failure("a document is missing", "config");
    Commits::Request request{.document = parameters["config"].dump(), .user = user_of(caller), .via = std::move(via)};
    if (const auto base = parameters.find("base"); base != parameters.end() && !base->is_null()) {
        if (!base->is_number_unsigned()) return failure("base wants the generation that the document was made from", "base");
        request.base = base->get<std::uint64_t>();
    }
    if (const auto comment = parameters.find("comment"); comment != parameters.end()) {
        if (!comment->is_string()) return failure("comment wants a text", "comment");
        request.comment = comment->get<std::string>();
    }
    if (const auto seconds = parameters.find("confirm_seconds"); seconds != parameters.end() && !seconds->is_null()) {
        constexpr std::uint64_t kLongest = 86400;
        if (!seconds->is_number_unsigned() || seconds->get<std::uint64_t>() == 0 || seconds->get<std::uint64_t>() > kLongest)
            return failure(fmt::format("confirm_seconds wants a number from 1 to {}", kLongest), "confirm_seconds");
        request.confirm = std::chrono::seconds{seconds->get<std::uint64_t>()};
    }
    return request;
}

Answer refused(const Commits& commits, const Commits::Refusal& refusal_of) {
    if (refusal_of.reason != Commits::Refusal::Reason::conflict) return refusal(control::kConfigurationRefused, refusal_of.error);
    const Commit& newest = commits.history().front();
    return tl::unexpected(RpcError{control::kConflict, "somebody has committed since: " + refusal_of.error.message,
                                   json{{"generation", commits.generation()}, {"user", newest.user}, {"time", newest.time}}});
}

Answer commit(DaemonParts& parts, const json& parameters, Caller& caller, const char* via) {
    const auto request = commit_request(parameters, caller, via);
    if (!request) return refusal(control::kInvalidParams, request.error());
    const auto change = parts.commits.commit(*request, monotonic_now());
    if (!change) return refused(parts.commits, change.error());
    return change_row(*change);
}

Answer load_configuration(DaemonParts& parts, const json& parameters, Caller& caller) {
    return commit(parts, parameters, caller, "load");
}
Answer commit_configuration(DaemonParts& parts, const json& parameters, Caller& caller) {
    return commit(parts, parameters, caller, "commit");
}

Answer check_commit(DaemonParts& parts, const json& parameters, Caller& caller) {
    const auto request = commit_request(parameters, caller, "check");
    if (!request) return refusal(control::kInvalidParams, request.error());
    const auto change = parts.commits.check(*request);
    if (!change) return refused(parts.commits, change.error());
    return change_row(*change);
}

Answer confirm_commit(DaemonParts& parts, const json&, Caller& caller) {
    const auto confirmed = parts.commits.confirm(user_of(caller));
    if (!confirmed) return refusal(control::kOperationFailed, confirmed.error());
    if (!*confirmed) return refusal(control::kNotFound, Error{"no commit waits for a confirmation"});
    return json{{"generation", parts.commits.generation()}};
}

Answer commit_history(DaemonParts& parts, const json&, Caller&) {
    json rows = json::array();
    for (const Commit& commit : parts.commits.history()) {
        const auto left = rows.empty() ? parts.commits.time_left(monotonic_now()) : std::nullopt;
        rows.push_back({{"number", rows.size()},
                        {"generation", commit.generation == 0 ? json(nullptr) : json(commit.generation)},
                        {"time", commit.time},
                        {"user", commit.user},
                        {"via", commit.via},
                        {"comment", commit.comment},
                        {"confirmed", commit.confirmed},
                        {"pending_seconds", left ? json(left->count()) : json(nullptr)}});
    }
    return json{{"rows", rows}};
}

Answer earlier_commit(DaemonParts& parts, const json& parameters, Caller&) {
    const auto number = parameters.is_object() ? parameters.find("number") : parameters.end();
    if (number == parameters.end() || !number->is_number_unsigned())
        return refusal(control::kInvalidParams, Error{"number is missing: 0 is in force, 1 the one before", "number"});
    const auto& history = parts.commits.history();
    if (number->get<std::uint64_t>() >= history.size())
        return refusal(control::kNotFound, Error{fmt::format("there is no commit {}: the history has 0 to {}",
                                                             number->get<std::uint64_t>(), history.size() - 1),
                                                 "number"});
    return json{{"config", json::parse(history[number->get<std::size_t>()].document)}};
}

Answer get_configuration(DaemonParts& parts, const json&, Caller&) {
    return json{{"config", parts.configuration.document()}, {"generation", parts.commits.generation()}};
}

Answer add_port(DaemonParts& parts, const json& parameters, Caller& caller) {
    if (!parameters.is_object() || !parameters.contains("port") || !parameters["port"].is_object())
        return refusal(control::kInvalidParams, Error{"port.add wants \"port\": one entry as in hairpin:switch/port", "port"});
    if (const auto added = parts.commits.add_port(parameters["port"], user_of(caller)); !added)
        return refusal(added.error().path.empty() ? control::kOperationFailed : control::kConfigurationRefused, added.error());
    return json{{"row", port_row(parts.worker.ports().at(parameters["port"]["name"].get<std::string>()), parts.worker.bridge())}};
}

Answer remove_port(DaemonParts& parts, const json& parameters, Caller& caller) {
    const std::string name = parameters.is_object() ? parameters.value("name", "") : "";
    const auto found = parts.worker.ports().find(name);
    if (found == parts.worker.ports().end())
        return refusal(control::kNotFound, Error{"there is no port \"" + name + "\"", "name"});
    const json row = port_row(found->second, parts.worker.bridge());
    if (const auto removed = parts.commits.remove_port(name, user_of(caller)); !removed)
        return refusal(control::kOperationFailed, removed.error());
    return json{{"row", row}};
}

Answer monitor(DaemonParts& parts, const json& parameters, Caller& caller) {
    std::set<std::string, std::less<>> topics;
    if (parameters.is_object() && parameters.contains("topics"))
        for (const json& topic : parameters["topics"]) {
            const std::string name = topic.is_string() ? topic.get<std::string>() : topic.dump();
            if (std::find(kTopics.begin(), kTopics.end(), name) == kTopics.end())
                return refusal(
                    control::kInvalidParams,
                    Error{"there is no topic \"" + name + "\": sessions, drops, ports, neighbors, configuration", "topics"});
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
    {control::method::kShowSegments, "the switch's segments", show<show_segments>},
    {control::method::kShowSessions, "live sessions, filtered by any of their fields", list_sessions},
    {control::method::kShowSessionsSummary, "how many sessions there are, by protocol and state", show<show_sessions_summary>},
    {control::method::kShowCounters, "the packet ledger and its balance", show<show_counters>},
    {control::method::kShowDrops, "dropped packets by reason", show<show_drops>},
    {control::method::kClearSessions, "ends the sessions that a filter names, or all", end_sessions},
    {control::method::kSessionStages, "the four stages of a live session", stages},
    {control::method::kTrace, "sends a packet through the datapath with side effects off", trace},
    {control::method::kConfigLoad, "replaces the configuration while traffic runs", load_configuration},
    {control::method::kConfigGet, "the configuration in force", get_configuration},
    {control::method::kConfigCheck, "what a commit would do", check_commit},
    {control::method::kConfigCommit, "puts a configuration in force, for good or until it is confirmed", commit_configuration},
    {control::method::kConfigConfirm, "keeps what waits for its confirmation", confirm_commit},
    {control::method::kConfigHistory, "the configurations that have been in force", commit_history},
    {control::method::kConfigRollback, "one of them", earlier_commit},
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
