#include "lab/graph.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "lab/table.h"

namespace hairpin::lab {
namespace {

std::string address_of(const Attachment& attachment) { return attachment.address ? attachment.address->to_string() : ""; }

std::vector<const Attachment*> members_of(const Topology& topology, const std::string& segment) {
    std::vector<const Attachment*> members;
    for (const Attachment& each : topology.attachments)
        if (each.segment == segment) members.push_back(&each);
    return members;
}

std::string vlan_words(const PortVlans& vlans) {
    if (vlans.access) return fmt::format("VLAN {}", vlans.access->number());
    std::string words;
    for (const VlanId id : vlans.trunk) words += fmt::format("{}{}", words.empty() ? "trunk " : ",", id.number());
    if (vlans.native) words += fmt::format(" native {}", vlans.native->number());
    return words;
}

}  // namespace

std::string graph_text(const Topology& topology) {
    std::string text;
    for (const Node& segment : topology.nodes) {
        if (segment.role != NodeRole::segment) continue;
        std::vector<std::vector<std::string>> rows;
        for (const Attachment* each : members_of(topology, segment.name)) {
            const bool is_gateway = each->node == topology.gateway().name;
            rows.push_back(
                {"|--", each->node + ":" + each->interface, is_gateway ? "gateway" : address_of(*each), vlan_words(each->vlans)});
        }
        for (const Tunnel& tunnel : topology.tunnels)
            if (tunnel.segment == segment.name)
                rows.push_back({"|--", tunnel.port, fmt::format("VXLAN {} to {}", tunnel.vni, tunnel.remote.to_string()), ""});
        if (!rows.empty()) rows.back()[0] = "`--";
        text += fmt::format("{}{}\n{}", text.empty() ? "" : "\n", segment.name, format_table(rows, 1));
    }
    return text;
}

std::string graph_mermaid(const Topology& topology) {
    // Names stand behind `n_`, because some words, such as `end`, are Mermaid's own.
    std::string text = "graph LR\n";
    for (const Node& node : topology.nodes) {
        const char* open = node.role == NodeRole::segment ? "([" : node.role == NodeRole::gateway ? "{{" : "[";
        const char* close = node.role == NodeRole::segment ? "])" : node.role == NodeRole::gateway ? "}}" : "]";
        text += fmt::format("    n_{}{}\"{}\"{}\n", node.name, open, node.name, close);
    }
    for (const Attachment& each : topology.attachments) {
        const std::string address = address_of(each);
        text += fmt::format("    n_{} ---|\"{}{}{}\"| n_{}\n", each.node, each.interface, address.empty() ? "" : " ", address,
                            each.segment);
    }
    for (const Tunnel& tunnel : topology.tunnels)
        text += fmt::format("    n_{} -.-|\"VXLAN {}\"| t_{}[/\"{}\"/]\n", tunnel.segment, tunnel.vni, tunnel.port,
                            tunnel.remote.to_string());
    return text;
}

std::string graph_dot(const Topology& topology) {
    std::string text = fmt::format("graph \"{}\" {{\n    node [fontname=\"sans-serif\"];\n", topology.name);
    for (const Node& node : topology.nodes) {
        const char* shape = node.role == NodeRole::segment ? "ellipse" : node.role == NodeRole::gateway ? "hexagon" : "box";
        text += fmt::format("    \"{}\" [shape={}];\n", node.name, shape);
    }
    for (const Attachment& each : topology.attachments) {
        const std::string address = address_of(each);
        text += fmt::format("    \"{}\" -- \"{}\" [label=\"{}{}{}\"];\n", each.node, each.segment, each.interface,
                            address.empty() ? "" : "\\n", address);
    }
    for (const Tunnel& tunnel : topology.tunnels)
        text += fmt::format("    \"{}\" -- \"{}\" [label=\"VXLAN {}\", style=dashed];\n", tunnel.segment,
                            tunnel.remote.to_string(), tunnel.vni);
    return text + "}\n";
}

std::string graph_json(const Topology& topology) {
    nlohmann::ordered_json json = {{"schema", "hairpin.graph/1"},
                                   {"lab", topology.name},
                                   {"nodes", nlohmann::ordered_json::array()},
                                   {"links", nlohmann::ordered_json::array()}};
    for (const Node& node : topology.nodes) json["nodes"].push_back({{"name", node.name}, {"role", to_string(node.role)}});
    for (const Attachment& each : topology.attachments) {
        // The gateway is at the segment without a port of the switch; its interface is what the running lab has there.
        const bool is_gateway = each.node == topology.gateway().name;
        json["links"].push_back(
            {{"node", each.node},
             {"interface", each.interface},
             {"segment", each.segment},
             {"port", is_gateway ? each.interface : each.port},
             {"address", each.address ? nlohmann::ordered_json(address_of(each)) : nlohmann::ordered_json(nullptr)}});
    }
    return json.dump(2) + "\n";
}

}  // namespace hairpin::lab
