#include "lab/daemon_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "lab/containers/container.h"
#include "lab/files.h"
#include "lab/impairment_keys.h"
#include "lab/lab_paths.h"
#include "lab/machines/boot.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

// Keeps the order of the keys, so that people find in edge.json what they wrote.
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kSwitch = "hairpin:switch";
constexpr const char* kGateway = "hairpin:gateway";

OrderedJson vlan_json(const PortVlans& vlans) {
    OrderedJson vlan = OrderedJson::object();
    if (vlans.access) vlan["access"] = vlans.access->number();
    for (const VlanId id : vlans.trunk) vlan["trunk"].push_back(id.number());
    if (vlans.native) vlan["native"] = vlans.native->number();
    return vlan;
}

OrderedJson direction_json(const LinkCable::Direction& direction) {
    OrderedJson json = OrderedJson::object();
    for (const auto& [name, value] : direction) {
        const bool is_number = find_impairment_key(name)->form == ImpairmentForm::packets;
        json[name] = is_number ? OrderedJson(parse_number(value, 0xffff'ffff).value_or(0)) : OrderedJson(value);
    }
    return json;
}

void add_cable(const LinkCable& cable, OrderedJson& port) {
    if (cable.down) port["state"] = "down";
    if (cable.flap) {
        port["flap"] = {{"up", cable.flap->up}, {"down", cable.flap->down}};
        if (!cable.flap->jitter.empty()) port["flap"]["jitter"] = cable.flap->jitter;
    }
    if (cable.seed) port["impairment"]["seed"] = *cable.seed;
    if (!cable.in.empty()) port["impairment"]["in"] = direction_json(cable.in);
    if (!cable.out.empty()) port["impairment"]["out"] = direction_json(cable.out);
}

OrderedJson tap_json(const Topology& topology, const Attachment& attachment) {
    const Node& node = *topology.find(attachment.node);
    OrderedJson tap = {{"device", attachment.interface}, {"namespace", topology.namespace_of(node)}};
    // A namespace is the lab's own, and goes with all that is in it; a container is somebody's, in which nothing is to be left.
    if (node.role != NodeRole::container) tap["origin"] = "kept";
    if (attachment.mac)
        tap["mac"] = attachment.mac->to_string();
    else if (node.role == NodeRole::container)
        tap["mac"] = mac_in_container(topology.name, attachment.port).to_string();
    if (attachment.mtu) tap["mtu"] = *attachment.mtu;
    if (attachment.address) tap["address"] = {attachment.address->to_string()};
    if (attachment.default_gateway)
        tap["route"] = OrderedJson::array({{{"prefix", "0.0.0.0/0"}, {"via", attachment.default_gateway->to_string()}}});
    return tap;
}

OrderedJson machine_json(const MachinePort& port) {
    OrderedJson json = OrderedJson::object();
    if (port.kind == "netdev")
        json = {{"device", port.place}, {"namespace", port.network_namespace}};
    else
        json[port.kind == "vde" ? "folder" : "socket"] = port.place;
    if (!port.remote.empty()) json["remote"] = port.remote;
    json["mtu"] = port.mtu;
    return json;
}

OrderedJson vxlan_json(const Tunnel& tunnel) {
    return {{"vni", tunnel.vni},
            {"local", tunnel.local.to_string()},
            {"udp-port", tunnel.udp_port},
            {"mtu", tunnel.mtu},
            {"remote", OrderedJson::array({{{"address", tunnel.remote.to_string()}}})}};
}

OrderedJson switch_json(const Topology& topology) {
    OrderedJson segments = OrderedJson::array();
    for (const Node& node : topology.nodes)
        if (node.role == NodeRole::segment) segments.push_back({{"name", node.name}});

    OrderedJson ports = OrderedJson::array();
    std::map<std::string, MachinePort> machines;
    for (const Node& node : topology.nodes) {
        if (node.role != NodeRole::machine) continue;
        for (const MachinePort& port : ports_of(topology, node)) machines.emplace(port.name, port);
    }
    for (const Attachment& attachment : topology.attachments) {
        const auto machine = machines.find(attachment.port);
        if (machine == machines.end() && !has_taps(topology.find(attachment.node)->role)) continue;
        OrderedJson port = {{"name", attachment.port}, {"segment", attachment.segment}};
        if (!attachment.vlans.empty()) port["vlan"] = vlan_json(attachment.vlans);
        add_cable(attachment.cable, port);
        if (machine == machines.end())
            port["tap"] = tap_json(topology, attachment);
        else
            port[machine->second.kind] = machine_json(machine->second);
        ports.push_back(std::move(port));
    }
    for (const Tunnel& tunnel : topology.tunnels)
        ports.push_back({{"name", tunnel.port}, {"segment", tunnel.segment}, {"vxlan", vxlan_json(tunnel)}});
    return {{"segment", std::move(segments)}, {"port", std::move(ports)}};
}

// Sets what the interface does not say itself.
void fill_in(OrderedJson& interface, const Attachment& attachment) {
    interface.emplace("segment", attachment.segment);
    if (attachment.address) interface.emplace("address", OrderedJson::array({attachment.address->to_string()}));
    if (attachment.mac) interface.emplace("mac", attachment.mac->to_string());
    if (attachment.mtu) interface.emplace("mtu", *attachment.mtu);
    if (attachment.vlans.access) interface.emplace("vlan", attachment.vlans.access->number());
}

Result<void> join_interfaces(const Topology& topology, OrderedJson& gateway) {
    const std::string& file = topology.gateway().config_file;
    OrderedJson& interfaces = gateway["interface"];
    if (!interfaces.is_array()) return failure(fmt::format("{}: \"interface\" of the gateway must be a list", file));
    for (const Attachment& attachment : topology.attachments) {
        if (attachment.node != topology.gateway().name) continue;
        const auto interface = std::find_if(interfaces.begin(), interfaces.end(), [&](const OrderedJson& each) {
            return each.is_object() && each.value("name", OrderedJson{}) == attachment.interface;
        });
        if (interface == interfaces.end()) {
            return failure(fmt::format("{}: the topology attaches \"{}:{}\", but the gateway has no interface of that name", file,
                                       attachment.node, attachment.interface));
        }
        fill_in(*interface, attachment);
        if ((*interface)["segment"] != attachment.segment) {
            return failure(fmt::format("{}: interface \"{}\" is in segment {}, but the topology attaches it to \"{}\"", file,
                                       attachment.interface, (*interface)["segment"].dump(), attachment.segment));
        }
    }
    return {};
}

// hairpind will refuse what is wrong with them; here they are only to be shown.
std::vector<std::string> addresses_of(const OrderedJson& gateway) {
    std::vector<std::string> addresses;
    for (const OrderedJson& interface : gateway["interface"]) {
        for (const OrderedJson& address : interface.value("address", OrderedJson::array()))
            if (address.is_string()) addresses.push_back(address);
    }
    return addresses;
}

}  // namespace

Result<DaemonConfig> daemon_config(const Topology& topology, const std::string& gateway_config) {
    const std::string& file = topology.gateway().config_file;
    OrderedJson document;
    try {
        document = OrderedJson::parse(gateway_config);
    } catch (const OrderedJson::parse_error& problem) {
        return failure(fmt::format("{}: not valid JSON: {}", file, problem.what()));
    }
    if (!document.is_object() || !document.contains(kGateway) || !document[kGateway].is_object()) {
        return failure(fmt::format("{}: has no \"{}\" with the gateway's configuration", file, kGateway));
    }
    if (document.contains(kSwitch))
        return failure(fmt::format("{}: \"{}\" follows from the topology's links; leave it out", file, kSwitch));

    if (auto joined = join_interfaces(topology, document[kGateway]); !joined) return tl::unexpected(joined.error());
    document[kSwitch] = switch_json(topology);
    return DaemonConfig{.text = document.dump(2) + "\n", .gateway_addresses = addresses_of(document[kGateway])};
}

Result<DaemonConfig> read_daemon_config(const Topology& topology) {
    const auto written = read_file((std::filesystem::path{topology.folder} / topology.gateway().config_file).lexically_normal());
    if (!written) return tl::unexpected(written.error());
    return daemon_config(topology, *written);
}

}  // namespace hairpin::lab
