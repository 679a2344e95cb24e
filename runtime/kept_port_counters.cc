#include "runtime/kept_port_counters.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/counter_baselines.h"
#include "runtime/durable_file.h"
#include "runtime/log.h"
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
    : worker_(worker), baselines_(baselines), file_(folder.empty() ? "" : folder + "/" + kFileName) {}

Result<void> KeptPortCounters::restore() {
    if (file_.empty()) return {};
    std::error_code error;
    const auto size = std::filesystem::file_size(file_, error);
    if (error == std::errc::no_such_file_or_directory) return {};
    if (error) return failure("cannot read " + file_ + ": " + error.message());
    if (size > kLargestPortCounters) return failure(file_ + " is larger than any that is written");
    std::ifstream stream{file_, std::ios::binary};
    if (!stream) return failure("cannot read " + file_ + ": " + std::strerror(errno));
    auto ports = ports_in(json::parse(stream, nullptr, false));
    if (!ports) return failure(file_ + " is damaged, or no file of port counters that this version writes");
    baselines_.carry_ports(*std::move(ports));
    return {};
}

void KeptPortCounters::look(Timestamp now) {
    if (file_.empty() || is_writing()) return;
    if (!next_) next_ = now + kInterval;
    if (now < *next_) return;
    next_ = now + kInterval;
    std::string counted = text();
    if (counted == written_) return;
    written_ = std::move(counted);
    writing_ = std::async(std::launch::async, [file = file_, text = written_] { return replace_durably(file, text); });
}

Result<void> KeptPortCounters::finish() {
    if (file_.empty()) return {};
    if (writing_.valid()) writing_.wait();
    is_writing();
    return replace_durably(file_, text());
}

// Also hears how the writing went that is over; what failed is tried again a minute later.
bool KeptPortCounters::is_writing() {
    if (!writing_.valid()) return false;
    if (writing_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return true;
    if (const auto written = writing_.get(); !written) {
        written_.clear();
        log::warn("event=port_counters_not_kept reason=\"" + written.error().message + "\"");
    }
    return false;
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
