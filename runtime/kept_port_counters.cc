#include "runtime/kept_port_counters.h"

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/counter_baselines.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

constexpr unsigned kPortsVersion = 1;
constexpr const char* kPortsVersionKey = "hairpin-port-counters";
constexpr std::size_t kLargestPortCounters = 16 * 1024 * 1024;

using Member = std::uint64_t TrafficCounters::*;
constexpr auto kCounted = std::to_array<std::pair<const char*, Member>>({{"in_packets", &TrafficCounters::in_packets},
                                                                         {"in_bytes", &TrafficCounters::in_bytes},
                                                                         {"out_packets", &TrafficCounters::out_packets},
                                                                         {"out_bytes", &TrafficCounters::out_bytes},
                                                                         {"drops", &TrafficCounters::drops}});

std::optional<TrafficCounters> counters_in(const json& row) {
    TrafficCounters counters;
    for (const auto& [name, member] : kCounted) {
        const json count = row.value(name, json());
        if (!count.is_number_unsigned()) return std::nullopt;
        counters.*member = count.get<std::uint64_t>();
    }
    return counters;
}

// By name; nothing, where the text is none that this version has written.
std::optional<std::map<std::string, TrafficCounters>> ports_in(const json& content) {
    if (!content.is_object() || content.value(kPortsVersionKey, json()) != kPortsVersion) return std::nullopt;
    const json rows = content.value("ports", json());
    if (!rows.is_array()) return std::nullopt;
    std::map<std::string, TrafficCounters> ports;
    for (const json& row : rows) {
        if (!row.is_object() || !row.value("name", json()).is_string()) return std::nullopt;
        const auto counters = counters_in(row);
        if (!counters) return std::nullopt;
        ports[row["name"].get<std::string>()] = *counters;
    }
    return ports;
}

}  // namespace

KeptPortCounters::KeptPortCounters(const Worker& worker, CounterBaselines& baselines, const std::string& folder)
    : worker_(worker), baselines_(baselines), file_(folder, kFileName, "port_counters", kLargestPortCounters) {}

Result<void> KeptPortCounters::restore() {
    if (!file_.is_kept()) return {};
    const auto content = file_.read();
    if (!content) return tl::unexpected(content.error());
    if (content->is_null()) return {};
    auto ports = ports_in(*content);
    if (!ports) return failure(file_.path() + " is damaged, or no file of port counters that this version writes");
    baselines_.carry_ports(*std::move(ports));
    return {};
}

void KeptPortCounters::look(Timestamp now) {
    if (!file_.is_kept() || still_writes()) return;
    if (!next_) next_ = now + kInterval;
    if (now < *next_) return;
    next_ = now + kInterval;
    std::string counted = text();
    if (counted == written_) return;
    written_ = std::move(counted);
    file_.write(written_);
}

Result<void> KeptPortCounters::finish() {
    if (!file_.is_kept()) return {};
    return file_.finish(text());
}

// What failed is tried again a minute later.
bool KeptPortCounters::still_writes() {
    const KeptFile::Writing writing = file_.writing();
    if (writing == KeptFile::Writing::failed) written_.clear();
    return writing == KeptFile::Writing::going_on;
}

// A line a port, so that people can read it.
std::string KeptPortCounters::text() const {
    std::string text = json{{kPortsVersionKey, kPortsVersion}}.dump();
    text.back() = ',';
    text += "\"ports\":[";
    const char* before = "\n";
    for (const auto& [name, entry] : worker_.ports()) {
        const TrafficCounters counters = baselines_.since(name, totals_of(entry, worker_.bridge()));
        json row{{"name", name}};
        for (const auto& [key, member] : kCounted) row[key] = counters.*member;
        text += before + row.dump();
        before = ",\n";
    }
    return text + "\n]}\n";
}

}  // namespace hairpin::runtime
