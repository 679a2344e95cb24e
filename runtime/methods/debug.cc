// Hooks for tests and labs, in a daemon that was started with --test-hooks.

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/methods/method.h"
#include "runtime/parameters.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

constexpr std::uint64_t kLongestAdvance = 86'400;  // seconds: what a client waits for

// A second at a time, so that everything happens in its order; at each the ticks run until nothing more expires.
Answer advance_clock(DaemonParts& parts, const json& parameters, Caller&) {
    if (!parts.turn)
        return tl::unexpected(RpcError{control::kOperationFailed, "time is not turned here: start hairpind with --test-hooks"});
    if (!parameters.is_object() || !parameters.contains("seconds"))
        return refusal(control::kInvalidParams, Error{"it wants a number of seconds", "seconds"});
    const auto seconds = number_in(parameters, "seconds", 1, kLongestAdvance, 0);
    if (!seconds) return refusal(control::kInvalidParams, seconds.error());

    const auto& sessions = parts.worker.gateway().sessions();
    for (std::uint64_t second = 0; second < *seconds; ++second) {
        advance_clocks(std::chrono::seconds{1});
        for (std::size_t before = sessions.size() + 1; sessions.size() < before;) {
            before = sessions.size();
            parts.worker.tick();
        }
        parts.turn();
    }
    log::info("event=clock_advanced seconds=" + std::to_string(*seconds));
    return json{{"seconds", *seconds}, {"time", wall_clock_text()}};
}

constexpr auto kDebugMethods = std::to_array<MethodRow>({
    {control::method::kDebugClockAdvance, "turns the daemon's time (test hooks)", advance_clock},
});

}  // namespace

std::span<const MethodRow> debug_methods() { return kDebugMethods; }

}  // namespace hairpin::runtime
