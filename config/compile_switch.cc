#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

l2::VlanMembership read_membership(const NodeReader& node) {
    l2::VlanMembership membership;
    if (node.has("access")) {
        membership.kind = l2::VlanMembership::Kind::access;
        membership.access = node.vlan("access");
    } else if (node.has("trunk")) {
        membership.kind = l2::VlanMembership::Kind::trunk;
        membership.tagged = node.vlans("trunk");
        membership.native = node.vlan("native");
    }
    return membership;
}

using Origin = l2::TapSettings::Origin;
constexpr auto kOrigins = std::to_array<std::pair<std::string_view, Origin>>(
    {{"made", Origin::made}, {"existing", Origin::existing}, {"passed", Origin::passed}});

l2::TapSettings read_tap(const NodeReader& node) {
    l2::TapSettings tap;
    tap.origin = node.one_of("origin", kOrigins);
    tap.device = node.text_or("device", "");
    tap.network_namespace = node.text_or("namespace", "");
    if (node.has("mac")) tap.mac = node.station_mac("mac");
    tap.mtu = node.number<unsigned>("mtu");
    tap.addresses = node.interface_addresses("address");
    for (const NodeReader& route : node.children("route")) tap.routes.push_back({route.prefix("prefix"), route.address("via")});
    return tap;
}

l2::PortSettings read_port(const NodeReader& node) {
    l2::PortSettings port;
    port.name = node.text("name");
    port.segment = node.text("segment");
    port.vlan = read_membership(node.child("vlan"));
    if (const NodeReader tap = node.child("tap")) port.device = read_tap(tap);
    if (const NodeReader pcap = node.child("pcap"))
        port.device = l2::PcapSettings{pcap.text_or("read", ""), pcap.text_or("write", "")};
    if (const NodeReader memory = node.child("memory")) port.device = l2::MemorySettings{memory.number<unsigned>("mtu")};
    return port;
}

// Two TAPs of one name in one namespace cannot both be.
void check_device(const NodeReader& node, const l2::PortSettings& port, const std::vector<l2::PortSettings>& others) {
    const auto* tap = std::get_if<l2::TapSettings>(&port.device);
    if (tap == nullptr) return;
    for (const l2::PortSettings& other : others) {
        const auto* taken = std::get_if<l2::TapSettings>(&other.device);
        if (taken != nullptr && taken->same_device(*tap))
            node.child("tap").refuse(
                "device", fmt::format("port \"{}\" has the device \"{}\" in the same namespace", other.name, tap->device));
    }
}

l2::StaticStationSettings read_station(const NodeReader& node, const std::vector<l2::PortSettings>& ports) {
    const l2::StaticStationSettings station{node.text("segment"), node.vlan("vlan"), node.station_mac("mac"), node.text("port")};
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const auto& other) { return other.name == station.port; });
    ensure(port != ports.end());  // a leafref of the schema
    if (port->segment != station.segment)
        node.refuse("port",
                    fmt::format("port \"{}\" is on segment \"{}\", not \"{}\"", port->name, port->segment, station.segment));
    return station;
}

}  // namespace

l2::SwitchSettings compile_switch(const NodeReader& node) {
    l2::SwitchSettings settings;
    const NodeReader table = node.child("mac-table");
    settings.mac_age = table.seconds("age-seconds");
    settings.mac_capacity = table.number<std::size_t>("capacity");
    settings.mac_port_limit = table.number<std::size_t>("port-limit");
    for (const NodeReader& segment : node.children("segment")) settings.segments.push_back({segment.text("name")});
    for (const NodeReader& entry : node.children("port")) {
        l2::PortSettings port = read_port(entry);
        check_device(entry, port, settings.ports);
        settings.ports.push_back(std::move(port));
    }
    for (const NodeReader& entry : node.children("static-station"))
        settings.static_stations.push_back(read_station(entry, settings.ports));
    return settings;
}

}  // namespace hairpin::config
