#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

using Tags = l2::VlanMembership::Tags;
constexpr auto kTags =
    std::to_array<std::pair<std::string_view, Tags>>({{"customer", Tags::customer}, {"service", Tags::service}});

l2::VlanMembership read_membership(const NodeReader& node) {
    l2::VlanMembership membership;
    if (node.has("access")) {
        membership.kind = l2::VlanMembership::Kind::access;
        membership.access = node.vlan("access");
    } else if (node.has("trunk")) {
        membership.kind = l2::VlanMembership::Kind::trunk;
        membership.tagged = node.vlans("trunk");
        membership.native = node.vlan("native");
        membership.tags = node.one_of("tags", kTags);
    } else if (node.has("tunnel")) {
        membership.kind = l2::VlanMembership::Kind::tunnel;
        membership.access = node.vlan("tunnel");
    }
    return membership;
}

using Origin = l2::TapSettings::Origin;
constexpr auto kOrigins = std::to_array<std::pair<std::string_view, Origin>>(
    {{"made", Origin::made}, {"existing", Origin::existing}, {"kept", Origin::kept}, {"passed", Origin::passed}});

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

using OuterChecksum = l2::VxlanSettings::Checksum;
constexpr auto kOuterChecksums = std::to_array<std::pair<std::string_view, OuterChecksum>>(
    {{"computed", OuterChecksum::computed}, {"zero", OuterChecksum::zero}});

// An address that a datagram can be sent to, or from.
Ipv4Address read_station_address(const NodeReader& node, std::string_view leaf) {
    const Ipv4Address address = node.address(leaf);
    if (address.is_multicast() || address.is_reserved() || address.is_this_network())
        node.refuse(leaf, fmt::format("{} is the address of no single host", address.to_string()));
    return address;
}

l2::VxlanSettings read_vxlan(const NodeReader& node) {
    l2::VxlanSettings vxlan;
    if (!node.has("vni") || !node.has("local")) return vxlan;  // the schema's musts have refused it
    vxlan.vni = Vni{node.number<std::uint32_t>("vni")};
    vxlan.local = read_station_address(node, "local");
    vxlan.udp_port = L4Port{node.number<std::uint16_t>("udp-port")};
    vxlan.network_namespace = node.text_or("namespace", "");
    for (const NodeReader& remote : node.children("remote")) {
        vxlan.remotes.push_back({read_station_address(remote, "address"), remote.flag("flood")});
        if (vxlan.remotes.back().address == vxlan.local)
            remote.refuse("address", fmt::format("{} is the tunnel's own local address", vxlan.local.to_string()));
    }
    for (const NodeReader& station : node.children("station"))
        vxlan.stations.push_back({station.station_mac("mac"), station.vlan("vlan"), station.address("remote")});
    vxlan.learning = node.flag("learning");
    vxlan.age = node.seconds("age-seconds");
    vxlan.capacity = node.number<std::size_t>("capacity");
    if (vxlan.stations.size() > vxlan.capacity)
        node.refuse("capacity", fmt::format("there are {} stations, and room for {}", vxlan.stations.size(), vxlan.capacity));
    vxlan.checksum = node.one_of("outer-checksum", kOuterChecksums);
    vxlan.mtu = node.number<unsigned>("mtu");
    return vxlan;
}

l2::PortSettings read_port(const NodeReader& node) {
    l2::PortSettings port;
    port.name = node.text("name");
    port.segment = node.text("segment");
    port.vlan = read_membership(node.child("vlan"));
    port.cable = compile_cable(node);
    if (const NodeReader tap = node.child("tap")) port.device = read_tap(tap);
    if (const NodeReader vxlan = node.child("vxlan")) port.device = read_vxlan(vxlan);
    if (const NodeReader pcap = node.child("pcap"))
        port.device = l2::PcapSettings{pcap.text_or("read", ""), pcap.text_or("write", "")};
    compile_machine(node, port);
    if (const NodeReader memory = node.child("memory")) port.device = l2::MemorySettings{memory.number<unsigned>("mtu")};
    return port;
}

// Two ports of one VNI at one endpoint could not tell their frames apart; two on one segment would hand on from one remote to another
// what the other has from itself.
void check_tunnel(const NodeReader& node, const l2::PortSettings& port, const std::vector<l2::PortSettings>& others) {
    const auto* vxlan = std::get_if<l2::VxlanSettings>(&port.device);
    if (vxlan == nullptr) return;
    for (const l2::PortSettings& other : others) {
        const auto* taken = std::get_if<l2::VxlanSettings>(&other.device);
        if (taken == nullptr || taken->vni != vxlan->vni) continue;
        const bool same = taken->same_endpoint(*vxlan);
        if (same || other.segment == port.segment)
            node.child("vxlan").refuse(
                "vni",
                fmt::format("port \"{}\" has VNI {} {}: one port may have several remotes", other.name, vxlan->vni.number(),
                            same ? "at the same local address, UDP port and namespace" : "on the same segment"));
    }
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
        check_tunnel(entry, port, settings.ports);
        check_machine(entry, port, settings.ports);
        settings.ports.push_back(std::move(port));
    }
    for (const NodeReader& entry : node.children("static-station"))
        settings.static_stations.push_back(read_station(entry, settings.ports));
    settings.features = compile_switch_features(node);
    return settings;
}

}  // namespace hairpin::config
