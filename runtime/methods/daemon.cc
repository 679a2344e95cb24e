// The daemon itself: what runs, what happens, and its end.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/clock.h"
#include "runtime/event_feed.h"
#include "runtime/methods/method.h"
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

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kVersion, "what runs, since when", version},
    {control::method::kMonitor, "subscribes to live events", monitor},
    {control::method::kStop, "stops the daemon", stop},
});

}  // namespace

std::span<const MethodRow> daemon_methods() { return kMethods; }

}  // namespace hairpin::runtime
