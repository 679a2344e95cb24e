#include "lab/live_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "lab/daemon.h"
#include "lab/lab_paths.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Json = nlohmann::json;

struct NodeEnd {
    std::string node;  // "" for one of somebody else
    Json interface;
};

// Who is behind a port: by the lab's own links, and of ports that came later by the namespace of their device.
NodeEnd behind(const LabState& lab, const Json& port) {
    if (const auto end = lab.end_of(port.at("name").get<std::string>())) return {end->node->name, end->interface};
    for (const NodeState& node : lab.nodes)
        if (lab.has_namespace(node) && port.at("namespace") == lab.namespace_of(node)) return {node.name, port.at("device")};
    return {"", port.at("device")};
}

struct Live {
    Json ports;
    Json interfaces;
};

Result<Live> ask_live(const LabState& lab) {
    const auto ports = ask_daemon(lab.lab, "show.ports", Json::object());
    if (!ports) return tl::unexpected(ports.error());
    const auto interfaces = ask_daemon(lab.lab, "show.interfaces", Json::object());
    if (!interfaces) return tl::unexpected(interfaces.error());
    return Live{.ports = ports->at("rows"), .interfaces = interfaces->at("rows")};
}

// "vlan 10" of an interface, as ports say it.
std::string vlan_of(const Json& interface) {
    return interface.at("vlan").is_null() ? "untagged" : fmt::format("access {}", interface.at("vlan").get<unsigned>());
}

}  // namespace

Rows nodes_of(const LabState& lab) {
    Rows rows{.schema = "hairpin.lab-nodes/1",
              .lab = lab.lab,
              .list = "nodes",
              .titles = {"name", "role", "interfaces", "addresses", "namespace"},
              .rows = {}};
    for (const NodeState& node : lab.nodes)
        rows.rows.push_back(
            {{"name", node.name},
             {"role", to_string(node.role)},
             {"interfaces", node.interfaces},
             {"addresses", node.addresses},
             {"console",
              node.role == NodeRole::machine ? OrderedJson(LabPaths{lab.lab}.console_log(node.name)) : OrderedJson(nullptr)},
             {"container", node.container.empty() ? OrderedJson(nullptr) : OrderedJson(node.container)},
             {"namespace", lab.has_namespace(node) ? OrderedJson(lab.namespace_of(node)) : OrderedJson(nullptr)}});
    return rows;
}

Result<Rows> links_of(const LabState& lab) {
    const auto live = ask_live(lab);
    if (!live) return tl::unexpected(live.error());
    Rows rows{.schema = "hairpin.lab-links/1",
              .lab = lab.lab,
              .list = "links",
              .titles = {"node", "interface", "segment", "port", "vlan", "state", "mtu", "to_segment_packets", "to_node_packets",
                         "drops"},
              .rows = {}};
    const auto add = [&](const std::string& node, const Json& interface, const Json& row, const std::string& vlan,
                         const char* to_segment, const char* to_node) {
        rows.rows.push_back({{"node", node},
                             {"interface", interface},
                             {"segment", row.at("segment")},
                             {"port", row.at("name")},
                             {"vlan", vlan},
                             {"state", row.value("state", "up")},
                             {"mtu", row.at("mtu")},
                             {"to_segment_packets", row.at(std::string{to_segment} + "_packets")},
                             {"to_segment_bytes", row.at(std::string{to_segment} + "_bytes")},
                             {"to_node_packets", row.at(std::string{to_node} + "_packets")},
                             {"to_node_bytes", row.at(std::string{to_node} + "_bytes")},
                             {"drops", row.at("drops")}});
    };
    for (const Json& row : live->interfaces) add(lab.gateway()->name, row.at("name"), row, vlan_of(row), "out", "in");
    for (const Json& row : live->ports) {
        const NodeEnd end = behind(lab, row);
        add(end.node, end.interface, row, row.at("vlan"), "in", "out");
    }
    return rows;
}

Result<Rows> interfaces_of(const LabState& lab) {
    const auto links = links_of(lab);
    if (!links) return links;
    Rows rows{.schema = "hairpin.lab-interfaces/1",
              .lab = lab.lab,
              .list = "interfaces",
              .titles = {"node", "interface", "segment", "state", "mtu", "in_packets", "in_bytes", "out_packets", "out_bytes"},
              .rows = {}};
    for (const OrderedJson& link : links->rows)
        rows.rows.push_back({{"node", link.at("node")},
                             {"interface", link.at("interface")},
                             {"port", link.at("port")},
                             {"segment", link.at("segment")},
                             {"state", link.at("state")},
                             {"mtu", link.at("mtu")},
                             {"in_packets", link.at("to_node_packets")},
                             {"in_bytes", link.at("to_node_bytes")},
                             {"out_packets", link.at("to_segment_packets")},
                             {"out_bytes", link.at("to_segment_bytes")}});
    return rows;
}

}  // namespace hairpin::lab
