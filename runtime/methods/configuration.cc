// The configuration in force, those before it, and how another takes its place.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/commits.h"
#include "runtime/methods/method.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

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
    Commits::Request request{.document = parameters["config"].get<std::string>(), .user = user_of(caller), .via = std::move(via)};
    if (const auto base = parameters.find("base"); base != parameters.end() && !base->is_null()) {
        if (!base->is_number_unsigned()) return failure("base wants the generation that the document was made from", "base");
        request.base = base->get<std::uint64_t>();
    }
    if (const auto comment = parameters.find("comment"); comment != parameters.end()) {
        if (!comment->is_string()) return failure("comment wants a text", "comment");
        request.comment = comment->get<std::string>();
    }
    if (const auto force = parameters.find("force"); force != parameters.end()) {
        if (!force->is_boolean()) return failure("force wants true or false", "force");
        request.force = force->get<bool>();
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

constexpr auto kConfigurationMethods = std::to_array<MethodRow>({
    {control::method::kConfigLoad, "replaces the configuration while traffic runs", load_configuration},
    {control::method::kConfigGet, "the configuration in force", get_configuration},
    {control::method::kConfigCheck, "what a commit would do", check_commit},
    {control::method::kConfigCommit, "puts a configuration in force, for good or until it is confirmed", commit_configuration},
    {control::method::kConfigConfirm, "keeps what waits for its confirmation", confirm_commit},
    {control::method::kConfigHistory, "the configurations that have been in force", commit_history},
    {control::method::kConfigRollback, "one of them", earlier_commit},
});

}  // namespace

std::span<const MethodRow> configuration_methods() { return kConfigurationMethods; }

}  // namespace hairpin::runtime
