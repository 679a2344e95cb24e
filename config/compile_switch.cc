#include <fmt/format.h>
#include <algorithm>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

VlanId vlan_of(std::uint64_t number) { return VlanId{static_cast<std::uint16_t>(number)}; }

l2::VlanMembership read_membership(const NodeReader& node) {
    l2::VlanMembership membership;
    const auto trunk = node.texts("trunk");
    if (const auto access = node.number("access")) {
        membership.kind = l2::VlanMembership::Kind::access;
        membership.access = vlan_of(*access);
    } else if (!trunk.empty()) {
        membership.kind = l2::VlanMembership::Kind::trunk;
        for (const auto& vlan : trunk) membership.tagged.push_back(vlan_of(*parse_number(vlan, VlanId::kLargest)));
        if (const auto native = node.number("native")) membership.native = vlan_of(*native);
    }
    return membership;
}

Result<l2::TapSettings> read_tap(const NodeReader& node) {
    l2::TapSettings tap;
    tap.device = node.text_or("device", "");
    tap.network_namespace = node.text_or("namespace", "");
    if (const auto mac = node.text("mac")) {
        tap.mac = MacAddress::parse(*mac);
        if (!tap.mac->is_station()) return node.refuse("mac", fmt::format("{} is no host's own address: a group, or zero", *mac));
    }
    tap.mtu = static_cast<unsigned>(*node.number("mtu"));
    for (const auto& address : node.texts("address")) tap.addresses.push_back(*Ipv4InterfaceAddress::parse(address));
    for (const NodeReader& route : node.children("route")) {
        const auto prefix = Ipv4Prefix::parse(*route.text("prefix"));
        if (!prefix) return route.refuse("prefix", fmt::format("{} has host bits set", *route.text("prefix")));
        tap.routes.push_back({*prefix, *Ipv4Address::parse(*route.text("via"))});
    }
    return tap;
}

Result<l2::PortSettings> read_port(const NodeReader& node) {
    l2::PortSettings port;
    port.name = node.text_or("name", "");
    port.segment = node.text_or("segment", "");
    port.vlan = read_membership(node.child("vlan"));
    if (const NodeReader tap = node.child("tap")) {
        auto settings = read_tap(tap);
        if (!settings) return tl::unexpected(settings.error());
        port.device = std::move(*settings);
    } else if (const NodeReader pcap = node.child("pcap")) {
        port.device = l2::PcapSettings{pcap.text_or("read", ""), pcap.text_or("write", "")};
    } else {
        port.device = l2::MemorySettings{static_cast<unsigned>(node.child("memory").number("mtu").value_or(1500))};
    }
    return port;
}

// Two TAPs of one name in one namespace cannot both be.
Result<void> check_device(const NodeReader& node, const l2::PortSettings& port, const std::vector<l2::PortSettings>& others) {
    const auto* tap = std::get_if<l2::TapSettings>(&port.device);
    if (tap == nullptr) return {};
    for (const auto& other : others) {
        const auto* taken = std::get_if<l2::TapSettings>(&other.device);
        if (taken != nullptr && taken->device == tap->device && taken->network_namespace == tap->network_namespace)
            return node.child("tap").refuse(
                "device", fmt::format("port \"{}\" has the device \"{}\" in the same namespace", other.name, tap->device));
    }
    return {};
}

}  // namespace

Result<void> compile_switch(const NodeReader& node, l2::SwitchSettings& settings) {
    if (!node) return {};
    const NodeReader table = node.child("mac-table");
    settings.mac_age = std::chrono::seconds{*table.number("age-seconds")};
    settings.mac_capacity = *table.number("capacity");
    settings.mac_port_limit = *table.number("port-limit");
    for (const NodeReader& segment : node.children("segment")) settings.segments.push_back({segment.text_or("name", "")});
    for (const NodeReader& entry : node.children("port")) {
        auto port = read_port(entry);
        if (!port) return tl::unexpected(port.error());
        if (auto good = check_device(entry, *port, settings.ports); !good) return good;
        settings.ports.push_back(std::move(*port));
    }
    for (const NodeReader& entry : node.children("static-station")) {
        l2::StaticStationSettings station;
        station.segment = entry.text_or("segment", "");
        station.mac = *MacAddress::parse(*entry.text("mac"));
        station.port = entry.text_or("port", "");
        if (const auto vlan = entry.number("vlan")) station.vlan = vlan_of(*vlan);
        if (!station.mac.is_station()) return entry.refuse("mac", "a group address, or zero, is no station");
        const auto port = std::find_if(settings.ports.begin(), settings.ports.end(),
                                       [&](const auto& other) { return other.name == station.port; });
        if (port->segment != station.segment)
            return entry.refuse("port", fmt::format("port \"{}\" is on segment \"{}\"", port->name, port->segment));
        settings.static_stations.push_back(std::move(station));
    }
    return {};
}

}  // namespace hairpin::config
