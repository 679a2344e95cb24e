// Tunnels: the remotes of VXLAN ports, the stations behind them, and the sockets that the ports share.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "runtime/clock.h"
#include "runtime/counter_baselines.h"
#include "runtime/methods/method.h"
#include "runtime/worker.h"
#include "switch/ports/vxlan_port.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

const l2::VxlanSettings& vxlan_settings(const Worker::PortEntry& entry) {
    return std::get<l2::VxlanSettings>(entry.settings.device);
}

json name_or_null(const std::string& name) { return name.empty() ? json(nullptr) : json(name); }

std::string socket_text(const l2::VxlanSettings& vxlan) {
    return fmt::format("{}:{}", vxlan.local.to_string(), vxlan.udp_port.number());
}

json remote_row(const DaemonParts& parts, const Worker::PortEntry& entry, const l2::VxlanPort& tunnel,
                const l2::VxlanPort::Remote& remote) {
    const TrafficCounters counters = parts.baselines.since(entry.settings.name, remote.settings.address, remote.counters);
    const auto outer = tunnel.endpoint().path_mtu(remote.settings.address);
    json row{{"port", entry.settings.name},
             {"segment", entry.settings.segment},
             {"vni", vxlan_settings(entry).vni.number()},
             {"local", socket_text(vxlan_settings(entry))},
             {"remote", remote.settings.address.to_string()},
             {"flood", remote.settings.flood},
             {"stations", tunnel.stations_behind(remote.settings.address)},
             {"outer_mtu", nullptr},
             {"inner_mtu", nullptr},
             {"in_packets", counters.in_packets},
             {"in_bytes", counters.in_bytes},
             {"out_packets", counters.out_packets},
             {"out_bytes", counters.out_bytes},
             {"drops", counters.drops}};
    if (outer && *outer > l2::VxlanPort::kOverhead) {
        row["outer_mtu"] = *outer;
        row["inner_mtu"] = *outer - l2::VxlanPort::kOverhead;
    }
    return row;
}

Answer tunnels(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, entry] : parts.worker.ports())
        if (const l2::VxlanPort* tunnel = tunnel_of(entry))
            for (const auto& remote : tunnel->remotes()) result["rows"].push_back(remote_row(parts, entry, *tunnel, remote));
    return result;
}

Answer tunnel_stations(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, entry] : parts.worker.ports()) {
        const l2::VxlanPort* tunnel = tunnel_of(entry);
        if (tunnel == nullptr) continue;
        tunnel->for_each_station(monotonic_now(), [&, &port = name, &of = entry](const l2::VxlanPort::StationRow& row) {
            result["rows"].push_back({{"port", port},
                                      {"vni", vxlan_settings(of).vni.number()},
                                      {"vlan", vlan_or_null(row.vlan)},
                                      {"mac", row.mac.to_string()},
                                      {"remote", row.remote.to_string()},
                                      {"type", row.is_static ? "static" : "dynamic"},
                                      {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(row.silent_for).count()}});
        });
    }
    return result;
}

json endpoint_row(const Worker::PortEntry& entry, const l2::VxlanEndpoint& endpoint) {
    const auto& counters = endpoint.counters();
    json sources = json::array();
    for (const L4Port port : endpoint.source_ports()) sources.push_back(port.number());
    return {{"local", socket_text(vxlan_settings(entry))},
            {"namespace", name_or_null(vxlan_settings(entry).network_namespace)},
            {"vnis", json::array()},
            {"source_ports", sources},
            {"in_datagrams", counters.received},
            {"out_datagrams", counters.sent},
            {"malformed", counters.malformed},
            {"unknown_vni", counters.unknown_vni},
            {"unknown_peer", 0},
            {"overflowed", counters.overflowed}};
}

Answer endpoints(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    std::vector<const l2::VxlanEndpoint*> seen;
    for (const auto& [name, entry] : parts.worker.ports()) {
        const l2::VxlanPort* tunnel = tunnel_of(entry);
        if (tunnel == nullptr) continue;
        std::size_t at = 0;
        while (at < seen.size() && seen[at] != &tunnel->endpoint()) ++at;
        if (at == seen.size()) {
            seen.push_back(&tunnel->endpoint());
            result["rows"].push_back(endpoint_row(entry, tunnel->endpoint()));
        }
        json& row = result["rows"][at];
        row["vnis"].push_back(vxlan_settings(entry).vni.number());
        row["unknown_peer"] = row["unknown_peer"].get<std::uint64_t>() + tunnel->unknown_peers();
    }
    return result;
}

Answer clear_stations(DaemonParts& parts, const json& parameters, Caller&) {
    std::string wanted;
    if (parameters.is_object() && parameters.contains("port")) {
        wanted = parameters["port"].is_string() ? parameters["port"].get<std::string>() : parameters["port"].dump();
        const auto found = parts.worker.ports().find(wanted);
        if (found == parts.worker.ports().end() || tunnel_of(found->second) == nullptr)
            return refusal(control::kNotFound, Error{"there is no tunnel \"" + wanted + "\" (show vxlan lists them)", "port"});
    }
    return json{{"cleared", parts.worker.clear_tunnel_stations(wanted)}};
}

constexpr auto kTunnelMethods = std::to_array<MethodRow>({
    {control::method::kShowVxlan, "the remotes of VXLAN tunnels", tunnels},
    {control::method::kShowVxlanStations, "the stations behind the remotes of VXLAN tunnels", tunnel_stations},
    {control::method::kShowVxlanEndpoints, "the sockets that VXLAN tunnels share", endpoints},
    {control::method::kClearVxlanStations, "forgets which remote stations are behind, of a tunnel or of all", clear_stations},
});

}  // namespace

std::span<const MethodRow> tunnel_methods() { return kTunnelMethods; }

}  // namespace hairpin::runtime
