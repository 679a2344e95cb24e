// What is wrong with the cables of ports, and what came of it.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "net/quantity.h"
#include "runtime/methods/method.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

using Way = l2::Cable::Way;

// As the configuration has it: {"delay": "20ms", ...}, of what is set.
json settings_of(const l2::ImpairmentSettings& settings) {
    using Impairment = l2::ImpairmentSettings;
    constexpr auto kDistributions = std::to_array<const char*>({"uniform", "normal", "pareto"});
    json set = json::object();
    const auto share = [&](const char* leaf, double value) {
        if (value > 0) set[leaf] = share_text(value);
    };
    const auto time = [&](const char* leaf, Duration value) {
        if (value > Duration::zero()) set[leaf] = duration_text(value);
    };
    share("loss", settings.loss);
    share("loss-correlation", settings.loss_correlation);
    if (settings.loss_burst > 0) set["loss-burst"] = static_cast<std::uint64_t>(settings.loss_burst);
    if (settings.loss_every > 0) set["loss-every"] = settings.loss_every;
    share("corrupt", settings.corrupt);
    share("duplicate", settings.duplicate);
    if (settings.rate > 0) {
        set["rate"] = bit_rate_text(settings.rate);
        set["limit"] = settings.limit;
    }
    time("delay", settings.delay);
    time("jitter", settings.jitter);
    if (settings.jitter > Duration::zero()) set["distribution"] = kDistributions[static_cast<std::size_t>(settings.distribution)];
    share("delay-correlation", settings.delay_correlation);
    share("reorder", settings.reorder);
    if (settings.order == Impairment::Order::free) set["order"] = "free";
    return set;
}

// "loss 1%, delay 20ms", in the order in which it happens.
std::string text_of_settings(const json& set) {
    constexpr auto kOrder =
        std::to_array<const char*>({"loss", "loss-correlation", "loss-burst", "loss-every", "corrupt", "duplicate", "rate",
                                    "limit", "delay", "jitter", "distribution", "delay-correlation", "reorder", "order"});
    std::string text;
    for (const char* leaf : kOrder)
        if (set.contains(leaf))
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", leaf,
                                set[leaf].is_string() ? set[leaf].get<std::string>() : set[leaf].dump());
    return text.empty() ? "nothing" : text;
}

double microseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e3; }

json direction_row(const Worker::PortEntry& entry, Way way) {
    const l2::Cable& cable = entry.cable->cable;
    const l2::ImpairedDirection& direction = cable.direction(way);
    const l2::ImpairmentStatistics& statistics = direction.statistics();
    const json set = settings_of(direction.settings());
    const bool measured = statistics.delays.count() > 0;
    const auto time = [&](Duration duration) { return measured ? json(microseconds(duration)) : json(nullptr); };
    return {{"port", entry.settings.name},
            {"direction", way == Way::in ? "in" : "out"},
            {"state", cable.connected() ? "up" : "down"},
            {"flaps", cable.settings().flap.has_value()},
            {"pulled", cable.flaps()},
            {"seed", cable.settings().seed ? json(*cable.settings().seed) : json(nullptr)},
            {"settings", set},
            {"settings_text", text_of_settings(set)},
            {"packets", statistics.packets},
            {"lost", statistics.lost},
            {"lost_percent", statistics.packets == 0
                                 ? json(nullptr)
                                 : json(100.0 * static_cast<double>(statistics.lost) / static_cast<double>(statistics.packets))},
            {"corrupted", statistics.corrupted},
            {"duplicated", statistics.duplicated},
            {"reordered", statistics.reordered},
            {"queue_full", statistics.queue_full},
            {"no_room", statistics.no_room},
            {"while_down", cable.refused(way)},
            {"queued", direction.queued()},
            {"most_queued", statistics.most_queued},
            {"held", direction.held()},
            {"most_held", statistics.most_held},
            {"released", statistics.delays.count()},
            {"delay_mean_us", time(statistics.delays.mean())},
            {"delay_p99_us", time(statistics.delays.percentile(0.99))},
            {"delay_max_us", time(statistics.delays.longest())}};
}

Answer impairments(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, entry] : parts.worker.ports())
        if (entry.cable != nullptr)
            for (const Way way : {Way::in, Way::out}) result["rows"].push_back(direction_row(entry, way));
    return result;
}

constexpr auto kImpairmentMethods = std::to_array<MethodRow>({
    {control::method::kShowPortsImpairment, "what is wrong with the cables of ports, and what came of it", impairments},
});

}  // namespace

std::span<const MethodRow> impairment_methods() { return kImpairmentMethods; }

}  // namespace hairpin::runtime
