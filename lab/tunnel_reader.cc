#include "lab/tunnel_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "lab/did_you_mean.h"

namespace hairpin::lab {
namespace {

constexpr auto kTunnelKeys = std::to_array<KeyRow>({
    {"type", KeyUse::used, "vxlan: the bridge goes on behind a tunnel"},
    {"endpoint", KeyUse::used, "{node: BRIDGE, interface: PORT}: the bridge, and the switch's port that the tunnel gets"},
    {"remote", KeyUse::used, "the address of the tunnel's other end"},
    {"vni", KeyUse::used, "the VXLAN network identifier, which both ends have"},
    {"dst-port", KeyUse::used, "the UDP port of both ends; 4789 otherwise"},
    {"mtu", KeyUse::used, "the longest IP packet that may go into the tunnel, 576 to 9216; 1450 otherwise"},
    {"vars", KeyUse::used, "what containerlab has no key for, see below"},
    {"labels", KeyUse::expected},
    {"src-port", KeyUse::ignored},
});
constexpr auto kTunnelVariableKeys = std::to_array<KeyRow>({
    {"local", KeyUse::used, "the tunnel's own address, in the namespace of the gateway's node"},
});
constexpr auto kTunnelEndpointKeys = std::to_array<KeyRow>({{"node", KeyUse::used}, {"interface", KeyUse::used}});

constexpr unsigned kLargestVni = 0xff'ffff;
constexpr unsigned kLargestUdpPort = 65535;
constexpr unsigned kSmallestTunnelMtu = 576;
constexpr unsigned kLargestTunnelMtu = 9216;

class TunnelReader {
public:
    TunnelReader(const std::vector<Node>& nodes, Complaints& complaints) : nodes_(nodes), complaints_(complaints) {}

    Tunnel read(const YamlNode& link) {
        check_keys(link, "a link of type vxlan", kTunnelKeys, complaints_);
        Tunnel tunnel;
        if (const YamlNode* endpoint = wanted(link, "endpoint")) read_endpoint(*endpoint, tunnel);
        if (const YamlNode* remote = wanted(link, "remote")) tunnel.remote = read_tunnel_address(*remote, "remote");
        if (const YamlNode* vni = wanted(link, "vni")) tunnel.vni = read_number(*vni, "vni", 0, kLargestVni, complaints_);
        if (const YamlNode* port = link.find("dst-port"))
            tunnel.udp_port = read_number(*port, "dst-port", 1, kLargestUdpPort, complaints_);
        if (const YamlNode* mtu = link.find("mtu"))
            tunnel.mtu = read_number(*mtu, "mtu", kSmallestTunnelMtu, kLargestTunnelMtu, complaints_);
        if (const YamlNode* vars = wanted(link, "vars")) {
            check_keys(*vars, "vars", kTunnelVariableKeys, complaints_);
            if (const YamlNode* local = wanted(*vars, "local")) tunnel.local = read_tunnel_address(*local, "local");
        }
        return tunnel;
    }

private:
    const YamlNode* wanted(const YamlNode& from, std::string_view key) {
        const YamlNode* found = from.find(key);
        if (found == nullptr) complaints_.error(from.at, fmt::format("a link of type vxlan needs `{}`", key));
        return found;
    }

    void read_endpoint(const YamlNode& from, Tunnel& tunnel) {
        check_keys(from, "endpoint", kTunnelEndpointKeys, complaints_);
        const YamlNode* node = wanted(from, "node");
        const YamlNode* interface = wanted(from, "interface");
        if (node == nullptr || interface == nullptr) return;
        tunnel.segment = read_text(*node, "node", complaints_);
        tunnel.port = read_text(*interface, "interface", complaints_);
        const bool is_bridge = std::any_of(nodes_.begin(), nodes_.end(), [&](const Node& each) {
            return each.name == tunnel.segment && each.role == NodeRole::segment;
        });
        if (!is_bridge)
            complaints_.error(node->at, fmt::format("\"{}\" is no bridge: a tunnel begins at one{}", tunnel.segment,
                                                    did_you_mean(tunnel.segment, nodes_, [](const Node& each) {
                                                        return each.role == NodeRole::segment ? each.name : "";
                                                    })));
    }

    Ipv4Address read_tunnel_address(const YamlNode& from, std::string_view what) {
        const auto address = Ipv4Address::parse(read_text(from, what, complaints_));
        if (!address) complaints_.error(from.at, fmt::format("\"{}\" is no IPv4 address", from.text));
        return address.value_or(Ipv4Address{});
    }

    const std::vector<Node>& nodes_;
    Complaints& complaints_;
};

}  // namespace

std::span<const KeyRow> tunnel_keys() { return kTunnelKeys; }
std::span<const KeyRow> tunnel_variable_keys() { return kTunnelVariableKeys; }

bool is_tunnel(const YamlNode& link, Complaints& complaints) {
    const YamlNode* type = link.find("type");
    if (type == nullptr) return false;
    if (type->text != "vxlan")
        complaints.error(type->at,
                         fmt::format("links of type \"{}\" are not supported{}: without a type a link joins a host or the "
                                     "gateway with a bridge, and of type vxlan it is a tunnel",
                                     type->text, did_you_mean(type->text, {"vxlan"})));
    return true;
}

std::vector<Tunnel> read_tunnels(const YamlNode& topology, const std::vector<Node>& nodes, Complaints& complaints) {
    std::vector<Tunnel> tunnels;
    const YamlNode* links = topology.find("links");
    if (links == nullptr) return tunnels;
    TunnelReader reader{nodes, complaints};
    for (const YamlNode& link : links->items)
        if (is_tunnel(link, complaints) && !complaints.first_error()) tunnels.push_back(reader.read(link));
    return tunnels;
}

}  // namespace hairpin::lab
