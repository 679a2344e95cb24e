// What ports of the switch do besides carrying frames: isolation, storm control, mirrors.

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/methods/method.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json port_or_null(const Worker& worker, PortId port) {
    const std::string* name = worker.port_name(port);
    return name != nullptr ? json(*name) : json(nullptr);
}

std::string limit_text(const l2::StormLimit& limit) {
    return std::to_string(limit.per_second) + (limit.unit == l2::StormLimit::Unit::packets ? " packets/s" : " bits/s");
}

json limits_text(const l2::StormLimits& limits) {
    json texts = json::array();
    const auto tell = [&](const char* name, const std::optional<l2::StormLimit>& limit) {
        if (limit) texts.push_back(std::string{name} + " " + limit_text(*limit));
    };
    tell("broadcast", limits.broadcast);
    tell("multicast", limits.multicast);
    tell("unknown-unicast", limits.unknown_unicast);
    return texts;
}

Answer port_features(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, entry] : parts.worker.ports()) {
        const l2::PortFeatures features = parts.worker.features_of(name);
        json mirrors = json::array();
        for (const l2::Mirror& mirror : parts.worker.bridge().mirrors().all()) {
            if (mirror.to == entry.id) mirrors.push_back("to " + mirror.name);
            for (const auto& source : mirror.sources)
                if (source.port == entry.id) mirrors.push_back("from " + mirror.name);
        }
        result["rows"].push_back({{"name", name},
                                  {"segment", entry.settings.segment},
                                  {"isolated", features.isolated},
                                  {"storm_control", limits_text(features.storm)},
                                  {"mirrors", mirrors}});
    }
    return result;
}

Answer port_drops(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, entry] : parts.worker.ports())
        for (const DropReasonRow& row : kDropReasons)
            if (const auto packets = parts.worker.bridge().drops(entry.id, row.reason); packets > 0)
                result["rows"].push_back(
                    {{"port", name}, {"reason", row.name}, {"packets", packets}, {"description", row.description}});
    return result;
}

Answer storm_control(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, entry] : parts.worker.ports()) {
        const l2::StormControl* storm = parts.worker.bridge().storm_control(entry.id);
        if (storm == nullptr) continue;
        for (std::size_t i = 0; i < l2::StormControl::kNames.size(); ++i) {
            const auto& meter = storm->meter(static_cast<l2::StormControl::Traffic>(i));
            if (!meter) continue;
            result["rows"].push_back({{"port", name},
                                      {"traffic", l2::StormControl::kNames[i]},
                                      {"limit", meter->limit.per_second},
                                      {"unit", meter->limit.unit == l2::StormLimit::Unit::packets ? "packets/s" : "bits/s"},
                                      {"passed", meter->passed},
                                      {"dropped", meter->dropped},
                                      {"storms", meter->storms},
                                      {"state", meter->storming ? "storm" : "calm"}});
        }
    }
    return result;
}

Answer mirrors(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const l2::Mirror& mirror : parts.worker.bridge().mirrors().all()) {
        json sources = json::array();
        for (const auto& source : mirror.sources) {
            const std::string* name = parts.worker.port_name(source.port);
            sources.push_back((name != nullptr ? *name : "?") + (source.in && source.out ? " both" : source.in ? " in" : " out"));
        }
        result["rows"].push_back({{"name", mirror.name},
                                  {"sources", sources},
                                  {"to", port_or_null(parts.worker, mirror.to)},
                                  {"copies", mirror.copies},
                                  {"bytes", mirror.bytes}});
    }
    return result;
}

constexpr auto kFeatureMethods = std::to_array<MethodRow>({
    {control::method::kShowPortsFeatures, "what the switch's ports do besides carrying frames", port_features},
    {control::method::kShowPortsDrops, "what the switch dropped, by port and reason", port_drops},
    {control::method::kShowStormControl, "what ports may send to everybody", storm_control},
    {control::method::kShowMirrors, "the switch's mirrors", mirrors},
});

}  // namespace

std::span<const MethodRow> switch_feature_methods() { return kFeatureMethods; }

}  // namespace hairpin::runtime
