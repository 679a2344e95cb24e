// The switch: its ports, its segments, the stations that it knows.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "runtime/clock.h"
#include "runtime/commits.h"
#include "runtime/counter_baselines.h"
#include "runtime/methods/method.h"
#include "runtime/worker.h"
#include "switch/ports/vhost_user_port.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

std::string membership_text(const l2::VlanMembership& membership) {
    using Kind = l2::VlanMembership::Kind;
    switch (membership.kind) {
        case Kind::unaware: return "untagged";
        case Kind::access: return fmt::format("access {}", membership.access.number());
        case Kind::tunnel: return fmt::format("tunnel {}", membership.access.number());
        case Kind::trunk: break;
    }
    std::string text = membership.tags == l2::VlanMembership::Tags::service ? "service trunk " : "trunk ";
    for (std::size_t i = 0; i < membership.tagged.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ",", membership.tagged[i].number());
    if (membership.native.tagged()) text += fmt::format(" native {}", membership.native.number());
    return text;
}

json port_row(const DaemonParts& parts, const Worker::PortEntry& entry) {
    const TrafficCounters counters = parts.baselines.since(entry.settings.name, totals_of(entry, parts.worker.bridge()));
    json row{{"name", entry.settings.name},
             {"kind", entry.port->kind()},
             {"segment", entry.settings.segment},
             {"vlan", membership_text(entry.settings.vlan)},
             {"device", nullptr},
             {"remote", nullptr},
             {"origin", nullptr},
             {"namespace", nullptr},
             {"mtu", entry.port->mtu()},
             {"state", !entry.port->attached()                                     ? "detached"
                       : entry.cable != nullptr && !entry.cable->cable.connected() ? "down"
                                                                                   : "up"},
             {"why_detached", nullptr},
             {"in_packets", counters.in_packets},
             {"in_bytes", counters.in_bytes},
             {"out_packets", counters.out_packets},
             {"out_bytes", counters.out_bytes},
             {"drops", counters.drops}};
    if (const auto* tap = std::get_if<l2::TapSettings>(&entry.settings.device)) {
        constexpr auto kOrigins = std::to_array<std::string_view>({"made", "existing", "kept", "passed"});
        const std::string& device = tap->device.empty() ? entry.passed_device : tap->device;
        if (!device.empty()) row["device"] = device;
        row["origin"] = kOrigins[static_cast<std::size_t>(tap->origin)];
        if (!tap->network_namespace.empty()) row["namespace"] = tap->network_namespace;
    }
    if (const auto* vxlan = std::get_if<l2::VxlanSettings>(&entry.settings.device)) {
        row["device"] = fmt::format("vni {}", vxlan->vni.number());
        if (!vxlan->network_namespace.empty()) row["namespace"] = vxlan->network_namespace;
    }
    if (const auto* dgram = std::get_if<l2::DgramSettings>(&entry.settings.device)) {
        row["device"] = dgram->socket;
        row["remote"] = dgram->remote;
    }
    if (const auto* stream = std::get_if<l2::StreamSettings>(&entry.settings.device)) row["device"] = stream->socket;
    if (const auto* vde = std::get_if<l2::VdeSettings>(&entry.settings.device)) row["device"] = vde->folder;
    if (const auto* netdev = std::get_if<l2::NetdevSettings>(&entry.settings.device)) {
        row["device"] = netdev->device;
        if (!netdev->network_namespace.empty()) row["namespace"] = netdev->network_namespace;
    }
    if (const auto* udp = std::get_if<l2::UdpSettings>(&entry.settings.device)) {
        row["device"] = udp->local_text();
        row["remote"] = udp->remote_text();
    }
    if (const auto* guest = std::get_if<l2::VhostUserSettings>(&entry.settings.device)) {
        row["device"] = guest->socket;
        if (!entry.port->attached()) row["why_detached"] = guest_of(entry)->why_detached();
    }
    return row;
}

Answer ports(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    for (const auto& [name, entry] : worker.ports()) result["rows"].push_back(port_row(parts, entry));
    return result;
}

Answer segments(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    for (std::size_t i = 0; i < worker.bridge().segment_count(); ++i) {
        const std::string& name = worker.bridge().segment_name(static_cast<SegmentId>(i));
        json ports = json::array(), interfaces = json::array();
        for (const auto& [port, entry] : worker.ports())
            if (entry.settings.segment == name) ports.push_back(port);
        for (const gateway::Interface& interface : worker.gateway().ruleset().interfaces)
            if (interface.present() && interface.segment == name) interfaces.push_back(interface.name);
        std::uint64_t stations = 0;
        worker.bridge().stations().for_each(monotonic_now(), [&](const l2::MacTable::Row& row) {
            if (index_of(row.station.segment) == i) ++stations;
        });
        result["rows"].push_back({{"name", name}, {"ports", ports}, {"interfaces", interfaces}, {"stations", stations}});
    }
    return result;
}

Answer mac_table(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    const l2::Bridge& bridge = worker.bridge();
    bridge.stations().for_each(monotonic_now(), [&](const l2::MacTable::Row& row) {
        const bool gateway = bridge.is_internal(row.port);
        const std::string* port = worker.port_name(row.port);
        result["rows"].push_back({{"segment", bridge.segment_name(row.station.segment)},
                                  {"vlan", vlan_or_null(row.station.vlan)},
                                  {"mac", row.station.mac.to_string()},
                                  {"port", gateway           ? json(*worker.interface_at(row.port))
                                           : port != nullptr ? json(*port)
                                                             : json(nullptr)},
                                  {"type", gateway         ? "gateway"
                                           : row.is_static ? "static"
                                                           : "dynamic"},
                                  {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(row.silent_for).count()}});
    });
    return result;
}

Answer add_port(DaemonParts& parts, const json& parameters, Caller& caller) {
    if (!parameters.is_object() || !parameters.contains("port") || !parameters["port"].is_object())
        return refusal(control::kInvalidParams, Error{"port.add wants \"port\": one entry as in hairpin:switch/port", "port"});
    const json name = parameters["port"].value("name", json());
    if (name.is_string() && parts.worker.ports().contains(name.get<std::string>()))
        return refusal(control::kConfigurationRefused,
                       Error{"there is a port \"" + name.get<std::string>() + "\" already (show ports lists them)", "name"});
    if (const auto added = parts.commits.add_port(parameters["port"], user_of(caller)); !added)
        return refusal(added.error().path.empty() ? control::kOperationFailed : control::kConfigurationRefused, added.error());
    return json{{"row", port_row(parts, parts.worker.ports().at(parameters["port"]["name"].get<std::string>()))}};
}

Answer remove_port(DaemonParts& parts, const json& parameters, Caller& caller) {
    const std::string name = parameters.is_object() ? parameters.value("name", "") : "";
    const auto found = parts.worker.ports().find(name);
    if (found == parts.worker.ports().end())
        return refusal(control::kNotFound, Error{"there is no port \"" + name + "\"", "name"});
    json row = port_row(parts, found->second);
    row["state"] = "removed";
    if (const auto removed = parts.commits.remove_port(name, user_of(caller)); !removed)
        return refusal(control::kOperationFailed, removed.error());
    return json{{"row", row}};
}

Answer clear_mac_table(DaemonParts& parts, const json& parameters, Caller&) {
    std::optional<PortId> port;
    if (parameters.is_object() && parameters.contains("port")) {
        const std::string name =
            parameters["port"].is_string() ? parameters["port"].get<std::string>() : parameters["port"].dump();
        const auto found = parts.worker.ports().find(name);
        if (found == parts.worker.ports().end())
            return refusal(control::kNotFound, Error{"there is no port \"" + name + "\" (show ports lists them)", "port"});
        port = found->second.id;
    }
    return json{{"cleared", parts.worker.bridge().clear_stations(port)}};
}

constexpr auto kSwitchMethods = std::to_array<MethodRow>({
    {control::method::kShowPorts, "the switch's ports", ports},
    {control::method::kShowSegments, "the switch's segments", segments},
    {control::method::kShowMacTable, "the stations that the switch knows", mac_table},
    {control::method::kPortAdd, "adds a port while traffic runs", add_port},
    {control::method::kPortRemove, "removes a port while traffic runs", remove_port},
    {control::method::kClearMacTable, "forgets learned stations, of a port or of all", clear_mac_table},
});

}  // namespace

std::span<const MethodRow> switch_methods() { return kSwitchMethods; }

}  // namespace hairpin::runtime
