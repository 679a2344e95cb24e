// What the switch and its ports do besides carrying frames.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

std::optional<l2::StormLimit> read_storm_limit(const NodeReader& node) {
    using Unit = l2::StormLimit::Unit;
    if (const auto packets = node.optional_number<std::uint64_t>("packets-per-second"))
        return l2::StormLimit{Unit::packets, *packets};
    if (const auto bits = node.optional_number<std::uint64_t>("bits-per-second")) return l2::StormLimit{Unit::bits, *bits};
    return std::nullopt;
}

l2::PortFeatures read_port_features(const NodeReader& node, bool lldp_everywhere) {
    l2::PortFeatures features;
    features.isolated = node.flag("isolated");
    features.loop_guard = node.flag("loop-guard");
    features.lldp = node.has("lldp") ? node.flag("lldp") : lldp_everywhere;
    features.multicast_router = node.flag("multicast-router");
    features.fast_leave = node.flag("fast-leave");
    const NodeReader storm = node.child("storm-control");
    features.storm = {.broadcast = read_storm_limit(storm.child("broadcast")),
                      .multicast = read_storm_limit(storm.child("multicast")),
                      .unknown_unicast = read_storm_limit(storm.child("unknown-unicast"))};
    return features;
}

l2::LoopGuardSettings read_loop_guard(const NodeReader& node) {
    return {.interval = node.seconds("interval-seconds"), .recovery = node.seconds("recovery-seconds")};
}

using Unknown = l2::SnoopingSettings::Unknown;
constexpr auto kUnknown =
    std::to_array<std::pair<std::string_view, Unknown>>({{"flood", Unknown::flood}, {"routers", Unknown::routers}});

std::optional<l2::SnoopingSettings> read_snooping(const NodeReader& node) {
    if (!node.flag("snooping")) {
        if (node.flag("querier")) node.warn("querier", "does nothing without snooping");
        return std::nullopt;
    }
    l2::SnoopingSettings snooping;
    snooping.unknown = node.one_of("unknown", kUnknown);
    snooping.querier = node.flag("querier");
    if (node.has("querier-address")) {
        snooping.querier_address = node.address("querier-address");
        if (snooping.querier_address.is_multicast() || snooping.querier_address.is_reserved())
            node.refuse("querier-address",
                        fmt::format("{} is the address of no single host", snooping.querier_address.to_string()));
    }
    snooping.query_interval = node.seconds("query-interval-seconds");
    snooping.capacity = node.number<std::size_t>("capacity");
    return snooping;
}

struct Ways {
    bool in, out;
};
constexpr auto kWays =
    std::to_array<std::pair<std::string_view, Ways>>({{"in", {true, false}}, {"out", {false, true}}, {"both", {true, true}}});

l2::MirrorSettings read_mirror(const NodeReader& node) {
    l2::MirrorSettings mirror{.name = node.text("name"), .sources = {}, .to = node.text("to")};
    for (const NodeReader& source : node.children("source")) {
        const Ways ways = source.one_of("direction", kWays);
        mirror.sources.push_back({source.text("port"), ways.in, ways.out});
    }
    return mirror;
}

// Where copies go nothing else goes, and nothing comes from.
void check_mirror(const NodeReader& node, const l2::MirrorSettings& mirror, const NodeReader& switching) {
    for (const NodeReader& other : switching.children("mirror"))
        for (const NodeReader& source : other.children("source"))
            if (source.text("port") == mirror.to)
                node.refuse("to", fmt::format("port \"{}\" is a source of mirror \"{}\": a mirror is not mirrored", mirror.to,
                                              other.text("name")));
    for (const NodeReader& station : switching.children("static-station"))
        if (station.text("port") == mirror.to)
            node.refuse("to", fmt::format("the static station {} is behind port \"{}\", and only copies go to a mirror's port",
                                          station.text("mac"), mirror.to));
}

}  // namespace

l2::SwitchFeatures compile_switch_features(const NodeReader& node) {
    l2::SwitchFeatures features;
    const bool lldp_everywhere = node.flag("lldp");
    for (const NodeReader& port : node.children("port"))
        if (const l2::PortFeatures of_port = read_port_features(port, lldp_everywhere); of_port != l2::PortFeatures{})
            features.ports.emplace(port.text("name"), of_port);
    for (const NodeReader& entry : node.children("mirror")) {
        features.mirrors.push_back(read_mirror(entry));
        check_mirror(entry, features.mirrors.back(), node);
    }
    features.loop_guard = read_loop_guard(node.child("loop-guard"));
    features.snooping = read_snooping(node.child("multicast"));
    features.system_name = node.text_or("system-name", "");
    for (const std::string& digit : node.texts("forward-link-local"))
        features.forwarded_link_local = static_cast<std::uint16_t>(features.forwarded_link_local | 1u << std::stoul(digit));
    return features;
}

}  // namespace hairpin::config
