// The daemon itself: what runs, what happens, and its end.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/clock.h"
#include "runtime/event_feed.h"
#include "runtime/log.h"
#include "runtime/methods/method.h"
#include "runtime/parameters.h"
#include "runtime/rule_record_view.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

Answer version(DaemonParts& parts, const json&, Caller&) {
    return json{{"version", HAIRPIN_VERSION},
                {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(monotonic_now().time_since_epoch()).count()},
                {"pid", getpid()},
                {"generation", parts.worker.gateway().ruleset().generation}};
}

std::string names_of_topics() {
    std::string names;
    for (const Topic& row : kTopics) names += (names.empty() ? "" : ", ") + std::string{row.name};
    return names;
}

Answer monitor(DaemonParts& parts, const json& parameters, Caller& caller) {
    std::set<std::string, std::less<>> topics;
    if (parameters.is_object() && parameters.contains("topics"))
        for (const json& topic : parameters["topics"]) {
            const std::string name = topic.is_string() ? topic.get<std::string>() : topic.dump();
            if (std::none_of(kTopics.begin(), kTopics.end(), [&](const Topic& row) { return row.name == name; }))
                return refusal(control::kInvalidParams,
                               Error{"there is no topic \"" + name + "\": " + names_of_topics(), "topics"});
            topics.insert(name);
        }
    if (topics.empty())
        for (const Topic& row : kTopics)
            if (row.usual) topics.emplace(row.name);
    const EventFeed::Token token = parts.events.listen(topics, caller.notify);
    EventFeed& events = parts.events;
    caller.on_close([&events, token] { events.forget(token); });
    return json{{"subscribed", topics}};
}

// The newest lines, oldest first; of a level or worse, and of a rule where one is named.
Answer show_log(DaemonParts& parts, const json& parameters, Caller&) {
    constexpr auto kLevels = std::to_array<std::string_view>({"debug", "info", "warning", "error"});
    const std::string least = parameters.is_object() ? parameters.value("level", "debug") : "debug";
    const auto level = std::find(kLevels.begin(), kLevels.end(), least);
    if (level == kLevels.end())
        return refusal(control::kInvalidParams, Error{"level \"" + least + "\" is none: debug, info, warning, error", "level"});
    std::uint64_t most = log::kKept;
    if (parameters.is_object() && parameters.contains("lines")) {
        if (!parameters["lines"].is_number_unsigned())
            return refusal(control::kInvalidParams, Error{"lines wants a number", "lines"});
        most = parameters["lines"].get<std::uint64_t>();
    }
    std::optional<gateway::RuleId> rule;
    if (parameters.is_object() && parameters.contains("rule")) {
        const auto number = number_in(parameters, "rule", 1, ~gateway::RuleId{0}, 0);
        if (!number) return refusal(control::kInvalidParams, number.error());
        rule = static_cast<gateway::RuleId>(*number);
    }
    parts.catch_up_log();
    std::vector<const log::Line*> chosen;
    for (const log::Line& line : log::kept())
        if (std::find(level, kLevels.end(), line.level) != kLevels.end() && (!rule || is_record_of(line.text, *rule)))
            chosen.push_back(&line);
    json result = no_rows();
    for (std::size_t i = chosen.size() - std::min<std::size_t>(chosen.size(), most); i < chosen.size(); ++i)
        result["rows"].push_back({{"time", chosen[i]->time}, {"level", chosen[i]->level}, {"text", chosen[i]->text}});
    return result;
}

Answer clear_log(DaemonParts& parts, const json&, Caller&) {
    parts.catch_up_log();
    const std::size_t lines = log::kept().size();
    log::clear();
    return json{{"cleared", lines}};
}

Answer stop(DaemonParts& parts, const json&, Caller&) {
    parts.stop();
    return json{{"stopping", true}};
}

constexpr auto kDaemonMethods = std::to_array<MethodRow>({
    {control::method::kVersion, "what runs, since when", version},
    {control::method::kMonitor, "subscribes to live events", monitor},
    {control::method::kShowLog, "the newest lines of the daemon's log", show_log},
    {control::method::kClearLog, "forgets them", clear_log},
    {control::method::kStop, "stops the daemon", stop},
});

}  // namespace

std::span<const MethodRow> daemon_methods() { return kDaemonMethods; }

}  // namespace hairpin::runtime
