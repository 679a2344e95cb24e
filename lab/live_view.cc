#include "lab/live_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "control/protocol.h"
#include "lab/daemon.h"
#include "lab/lab_paths.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Json = nlohmann::json;

std::string text_or_nothing(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

struct Live {
    Json ports;
    Json interfaces;
};

Result<Live> ask_live(const LabState& lab) {
    const auto ports = ask_daemon(lab.lab, control::method::kShowPorts, Json::object());
    if (!ports) return tl::unexpected(ports.error());
    const auto interfaces = ask_daemon(lab.lab, control::method::kShowInterfaces, Json::object());
    if (!interfaces) return tl::unexpected(interfaces.error());
    return Live{.ports = ports->at("rows"), .interfaces = interfaces->at("rows")};
}

// "vlan 10" of an interface, as ports say it.
std::string vlan_of(const Json& interface) {
    return interface.at("vlan").is_null() ? "untagged" : fmt::format("access {}", interface.at("vlan").get<unsigned>());
}

}  // namespace

LinkEnd end_behind(const LabState& lab, const Json& port) {
    LinkEnd end{.node = "",
                .interface = text_or_nothing(port.at("device")),
                .segment = text_or_nothing(port.at("segment")),
                .port = port.at("name").get<std::string>()};
    if (const auto own = lab.end_of(end.port)) {
        end.node = own->node->name;
        end.interface = own->interface;
        return end;
    }
    for (const NodeState& node : lab.nodes)
        if (lab.has_namespace(node) && port.at("namespace") == lab.namespace_of(node)) end.node = node.name;
    return end;
}

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
        const LinkEnd end = end_behind(lab, row);
        add(end.node, end.interface.empty() ? Json(nullptr) : Json(end.interface), row, row.at("vlan"), "in", "out");
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
