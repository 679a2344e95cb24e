#include "lab/link_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "lab/did_you_mean.h"
#include "lab/file_keys.h"
#include "lab/tunnel_reader.h"

namespace hairpin::lab {
namespace {

constexpr auto kLinkKeys = std::to_array<KeyRow>({
    {"endpoints", KeyUse::used,
     "[NODE:INTERFACE, BRIDGE:PORT], in either order: who is attached, and the switch's port that it gets"},
    {"ipv4", KeyUse::used, "addresses with their lengths in the order of the endpoints; a bridge has none"},
    {"mtu", KeyUse::used, "the longest IP packet of the link, 576 to 9216; 1500 otherwise"},
    {"vars", KeyUse::used, "what containerlab has no key for, see below"},
    {"labels", KeyUse::expected},
    {"ipv6", KeyUse::ignored},
});

constexpr auto kVarKeys = std::to_array<KeyRow>({
    {"gateway", KeyUse::used, "of a host: the next hop of its default route"},
    {"mac", KeyUse::used, "the host's, or the gateway's, Ethernet address"},
    {"vlan", KeyUse::used, "the port's untagged frames belong to this VLAN; of the gateway, the VLAN that it is in"},
    {"trunk", KeyUse::used, "a list of VLANs that the port carries with their tags"},
    {"native", KeyUse::used, "the VLAN of a trunk's untagged frames"},
    {"impair", KeyUse::used, "of a host's link: what is wrong with it, as {delay: 20ms, loss: 1%}, or by a-to-b and b-to-a"},
    {"state", KeyUse::used, "of a host's link: up, down, or {flap: {up: 10s, down: 2s}}"},
    {"capture", KeyUse::used,
     "true: it is captured from the moment that the lab comes up, in a ring of 32 MB beside the lab's state"},
});

// What a port of the switch can have; the schema of hairpind says the same.
constexpr unsigned kSmallestMtu = 576;
constexpr unsigned kLargestMtu = 9216;

struct Endpoint {
    const Node* node;
    std::string interface;
    Position at;
    std::size_t number;  // 0 or 1: which of the two
};

class LinkReader {
public:
    LinkReader(const std::vector<Node>& nodes, Complaints& complaints) : nodes_(nodes), complaints_(complaints) {}

    std::optional<Attachment> read(const YamlNode& link) {
        check_keys(link, "a link", kLinkKeys, complaints_);
        const auto ends = read_endpoints(link);
        if (!ends) return std::nullopt;
        const auto& [member, segment] = *ends;

        Attachment attachment{.node = member.node->name,
                              .interface = member.interface,
                              .segment = segment.node->name,
                              .port = segment.interface,
                              .address = read_address(link, member),
                              .default_gateway = {},
                              .mac = {},
                              .mtu = {},
                              .vlans = {},
                              .cable = {},
                              .captured = false,
                              .at = member.at};
        if (const YamlNode* mtu = link.find("mtu"))
            attachment.mtu = read_number(*mtu, "mtu", kSmallestMtu, kLargestMtu, complaints_);
        if (const YamlNode* vars = link.find("vars"))
            read_vars(*vars, *member.node, member.number == 0 ? HostEnd::first : HostEnd::second, attachment);
        return attachment;
    }

private:
    // The end in a host or the gateway, and the end in a segment.
    std::optional<std::pair<Endpoint, Endpoint>> read_endpoints(const YamlNode& link) {
        const YamlNode* list = link.find("endpoints");
        if (list == nullptr || list->items.size() != 2) {
            complaints_.error(list == nullptr ? link.at : list->at,
                              "a link needs two endpoints: [\"node:interface\", \"bridge:port\"]");
            return std::nullopt;
        }
        const auto first = read_endpoint(list->items[0], 0);
        const auto second = read_endpoint(list->items[1], 1);
        if (!first || !second) return std::nullopt;

        const bool first_is_segment = first->node->role == NodeRole::segment;
        if (first_is_segment == (second->node->role == NodeRole::segment)) {
            complaints_.error(list->at, fmt::format("\"{}\" and \"{}\" are {}; a link joins a host or the gateway with a bridge",
                                                    first->node->name, second->node->name,
                                                    first_is_segment ? "both bridges" : "both no bridges"));
            return std::nullopt;
        }
        return first_is_segment ? std::pair{*second, *first} : std::pair{*first, *second};
    }

    std::optional<Endpoint> read_endpoint(const YamlNode& from, std::size_t number) {
        const std::string text = read_text(from, "an endpoint", complaints_);
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos) {
            complaints_.error(from.at, fmt::format("endpoint \"{}\" is not of the form node:interface", text));
            return std::nullopt;
        }
        const std::string name = text.substr(0, colon);
        const auto node = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& each) { return each.name == name; });
        if (node == nodes_.end()) {
            complaints_.error(from.at, fmt::format("endpoint \"{}\": there is no node \"{}\"{}", text, name,
                                                   did_you_mean(name, nodes_, [](const Node& each) { return each.name; })));
            return std::nullopt;
        }
        Endpoint endpoint{.node = &*node, .interface = text.substr(colon + 1), .at = from.at, .number = number};
        if (const auto wrong = wrong_interface_name(endpoint.interface)) {
            complaints_.error(from.at, fmt::format("endpoint \"{}\": {}", text, *wrong));
        }
        const auto [earlier, is_new] = endpoints_.emplace(text, from.at);
        if (!is_new) {
            complaints_.error(from.at, fmt::format("endpoint \"{}\" is already used in line {}", text, earlier->second.line));
        }
        // Ports have names of their own in the whole switch, as the ends of links in bridges have on a machine.
        if (is_new && node->role == NodeRole::segment) {
            const auto [port, is_new_port] = ports_.emplace(endpoint.interface, from.at);
            if (!is_new_port) {
                complaints_.error(from.at,
                                  fmt::format("endpoint \"{}\": a port \"{}\" is already in line {}; names of ports differ in "
                                              "all bridges",
                                              text, endpoint.interface, port->second.line));
            }
        }
        return endpoint;
    }

    std::optional<Ipv4InterfaceAddress> read_address(const YamlNode& link, const Endpoint& member) {
        const YamlNode* list = link.find("ipv4");
        if (list == nullptr) return std::nullopt;
        const std::vector<std::string> texts = read_texts(*list, "ipv4", complaints_);
        std::optional<Ipv4InterfaceAddress> address;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const Position at = list->items[i].at;
            if (texts[i].empty()) continue;
            if (i != member.number) {
                complaints_.error(at, fmt::format("address \"{}\" is for the endpoint in the bridge, which has none", texts[i]));
                continue;
            }
            address = Ipv4InterfaceAddress::parse(texts[i]);
            if (!address)
                complaints_.error(at,
                                  fmt::format("\"{}\" is no IPv4 address with a prefix length, such as 192.0.2.1/24", texts[i]));
        }
        return address;
    }

    void read_vars(const YamlNode& vars, const Node& node, HostEnd host, Attachment& attachment) {
        check_keys(vars, "vars", kVarKeys, complaints_);
        if (const YamlNode* gateway = vars.find("gateway")) read_default_gateway(*gateway, node, attachment);
        if (const YamlNode* mac = vars.find("mac")) {
            attachment.mac = MacAddress::parse(read_text(*mac, "mac", complaints_));
            if (!attachment.mac || !attachment.mac->is_station()) {
                complaints_.error(mac->at,
                                  fmt::format("\"{}\" is no unicast Ethernet address, such as 02:00:00:00:00:01", mac->text));
            }
        }
        read_vlans(vars, node, attachment.vlans);
        attachment.cable = read_cable(vars, host, complaints_);
        if (const YamlNode* capture = vars.find("capture")) {
            if (capture->text != "true" && capture->text != "false") complaints_.error(capture->at, "capture is true or false");
            attachment.captured = capture->text == "true";
        }
        if (node.role == NodeRole::gateway && !attachment.cable.perfect())
            complaints_.error(vars.at, "a link of the gateway has no cable: impair and state belong to links of hosts");
    }

    void read_default_gateway(const YamlNode& from, const Node& node, Attachment& attachment) {
        const auto address = Ipv4Address::parse(read_text(from, "gateway", complaints_));
        if (!address) {
            complaints_.error(from.at, fmt::format("\"{}\" is no IPv4 address", from.text));
        } else if (node.role == NodeRole::gateway) {
            complaints_.error(from.at, fmt::format("the routes of the gateway stand in its configuration, {}", node.config_file));
        } else if (!attachment.address || !attachment.address->subnet.contains(*address)) {
            complaints_.error(from.at, fmt::format("the gateway {} is not in the network of {}:{}", from.text, node.name,
                                                   attachment.interface));
        } else {
            attachment.default_gateway = address;
        }
    }

    void read_vlans(const YamlNode& vars, const Node& node, PortVlans& vlans) {
        const YamlNode* access = vars.find("vlan");
        const YamlNode* trunk = vars.find("trunk");
        const YamlNode* native = vars.find("native");
        if (access != nullptr) vlans.access = read_vlan(*access, "vlan");
        if (trunk != nullptr) {
            if (!trunk->is_list()) complaints_.error(trunk->at, "trunk must be a list of VLANs");
            if (trunk->is_list() && trunk->items.empty())
                complaints_.warning(trunk->at,
                                    "trunk is empty, and the port as if it had no VLANs at all: name them, or leave it out");
            for (const YamlNode& item : trunk->items) vlans.trunk.push_back(read_vlan(item, "each of trunk"));
        }
        if (native != nullptr) vlans.native = read_vlan(*native, "native");

        if (access != nullptr && (trunk != nullptr || native != nullptr)) {
            complaints_.error(access->at, "a port is either in one VLAN (vlan) or a trunk (trunk, native)");
        } else if (native != nullptr && trunk == nullptr) {
            complaints_.error(native->at, "native belongs to a trunk");
        } else if (trunk != nullptr && node.role == NodeRole::gateway) {
            complaints_.error(trunk->at, "an interface of the gateway is in one VLAN (vlan); give it an interface for each");
        }
    }

    VlanId read_vlan(const YamlNode& from, std::string_view what) {
        return VlanId{static_cast<std::uint16_t>(read_number(from, what, 1, VlanId::kLargest, complaints_))};
    }

    const std::vector<Node>& nodes_;
    Complaints& complaints_;
    std::map<std::string, Position> endpoints_;
    std::map<std::string, Position> ports_;
};

}  // namespace

std::span<const KeyRow> link_keys() { return kLinkKeys; }
std::span<const KeyRow> link_variable_keys() { return kVarKeys; }

std::vector<Attachment> read_links(const YamlNode& topology, const std::vector<Node>& nodes, Complaints& complaints) {
    std::vector<Attachment> attachments;
    const YamlNode* links = topology.find("links");
    if (links == nullptr) return attachments;
    if (!links->is_list()) complaints.error(links->at, "links must be a list");
    LinkReader reader{nodes, complaints};
    for (const YamlNode& link : links->items) {
        if (is_tunnel(link, complaints)) continue;
        if (auto attachment = reader.read(link)) attachments.push_back(*std::move(attachment));
    }
    return attachments;
}

}  // namespace hairpin::lab
