#include "runtime/rates.h"

#include <nlohmann/json.hpp>

#include "runtime/counter_baselines.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

Rates::Counts Rates::counts_of(const Worker& worker) {
    Counts counts;
    const auto& interfaces = worker.gateway().ruleset().interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        if (!interfaces[i].present()) continue;
        counts[{"interface", interfaces[i].name}] = worker.gateway().counters(static_cast<InterfaceId>(i));
    }
    for (const auto& [name, entry] : worker.ports()) counts[{"port", name}] = totals_of(entry, worker.bridge());
    return counts;
}

std::optional<json> Rates::look(const Worker& worker, Timestamp now) {
    if (!worker.gateway().has_rules() || (last_ && now - *last_ < kInterval)) return std::nullopt;
    Counts counts = counts_of(worker);
    std::optional<json> rows;
    if (last_) {
        const double seconds = std::chrono::duration<double>(now - *last_).count();
        rows = json::array();
        for (const Counts::value_type& row : counts) {
            const auto& [kind, name] = row.first;
            const auto before = counts_.find(row.first);
            if (before == counts_.end()) continue;
            const auto rate = [&](std::uint64_t TrafficCounters::*member) {
                const std::uint64_t from = before->second.*member, to = row.second.*member;
                return to < from ? 0.0 : static_cast<double>(to - from) / seconds;
            };
            rows->push_back({{"kind", kind},
                             {"name", name},
                             {"in_packets_per_second", rate(&TrafficCounters::in_packets)},
                             {"in_bits_per_second", 8 * rate(&TrafficCounters::in_bytes)},
                             {"out_packets_per_second", rate(&TrafficCounters::out_packets)},
                             {"out_bits_per_second", 8 * rate(&TrafficCounters::out_bytes)},
                             {"drops_per_second", rate(&TrafficCounters::drops)}});
        }
    }
    counts_ = std::move(counts);
    last_ = now;
    return rows;
}

}  // namespace hairpin::runtime
