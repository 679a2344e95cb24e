// diagrams.net's file: each box is a cell with a place, each link one between two of them, which goes along when a box is moved. Where a link
// begins and ends is told as a part of the box's width and height, from its upper left corner.

#include <fmt/format.h>

#include <string>

#include "lab/graph.h"
#include "lab/graph_layout.h"
#include "lab/xml_text.h"

namespace hairpin::lab {
namespace {

std::string style_of(NodeRole role) {
    switch (role) {
        case NodeRole::gateway: return "rounded=1;arcSize=4;whiteSpace=wrap;fillColor=#e8f0fe;strokeColor=#333333;";
        case NodeRole::segment:
            return "rounded=1;fillColor=#22aa66;strokeColor=none;verticalLabelPosition=top;verticalAlign=bottom;align=right;"
                   "fontStyle=1;";
        case NodeRole::host: return "rounded=1;whiteSpace=wrap;strokeColor=#333333;";
        case NodeRole::machine: return "shape=ext;double=1;rounded=1;whiteSpace=wrap;strokeColor=#333333;";
        case NodeRole::container: return "rounded=1;dashed=1;whiteSpace=wrap;strokeColor=#333333;";
    }
    return "";
}

std::string vertex(const std::string& id, const std::string& label, const std::string& style, const Box& box) {
    return fmt::format(
        "        <mxCell id=\"{}\" value=\"{}\" style=\"{}\" vertex=\"1\" parent=\"1\">\n"
        "          <mxGeometry x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" as=\"geometry\"/>\n"
        "        </mxCell>\n",
        xml_text(id), xml_text(label), style, box.x, box.y, box.width, box.height);
}

struct End {
    std::string cell;
    Box box;
    Point at;
    std::string where(const char* which) const {
        return fmt::format("{0}X={1:.4f};{0}Y={2:.4f};{0}Dx=0;{0}Dy=0;", which, static_cast<double>(at.x - box.x) / box.width,
                           static_cast<double>(at.y - box.y) / box.height);
    }
};

std::string edge(const std::string& id, const std::string& label, const std::string& style, const End& from, const End& to) {
    return fmt::format(
        "        <mxCell id=\"{}\" value=\"{}\" style=\"endArrow=none;fontSize=10;{}{}{}\" edge=\"1\" parent=\"1\" source=\"{}\" "
        "target=\"{}\">\n"
        "          <mxGeometry relative=\"1\" as=\"geometry\"/>\n"
        "        </mxCell>\n",
        xml_text(id), xml_text(label), style, from.where("exit"), to.where("entry"), xml_text(from.cell), xml_text(to.cell));
}

std::string node_id(const std::string& node) { return "node-" + node; }

std::string label_of(const Node& node) {
    return node.role == NodeRole::machine || node.role == NodeRole::container
               ? fmt::format("{}\n{}", node.name, to_string(node.role))
               : node.name;
}

}  // namespace

std::string graph_drawio(const Topology& topology) {
    const GraphLayout layout{topology};
    std::string cells;
    for (const auto& [node, box] : layout.nodes())
        cells += vertex(node_id(node->name), label_of(*node), style_of(node->role), box);
    for (const auto& [link, at_node, at_segment] : layout.links()) {
        const std::string address = link->address ? "\n" + link->address->to_string() : "";
        cells += edge(fmt::format("link-{}:{}", link->node, link->interface), link->interface + address, "",
                      {node_id(link->node), layout.box_of(link->node), at_node},
                      {node_id(link->segment), layout.box_of(link->segment), at_segment});
    }
    for (const auto& [tunnel, box, at_box, at_segment] : layout.tunnels()) {
        const std::string id = fmt::format("tunnel-{}:{}", tunnel->segment, tunnel->port);
        cells += vertex(id, tunnel->remote.to_string(), "rounded=1;dashed=1;whiteSpace=wrap;strokeColor=#888888;", box);
        cells += edge("link-" + id, fmt::format("{}\nVXLAN {}", tunnel->port, tunnel->vni), "dashed=1;", {id, box, at_box},
                      {node_id(tunnel->segment), layout.box_of(tunnel->segment), at_segment});
    }
    return fmt::format(
        "<mxfile host=\"hairpin\">\n  <diagram id=\"{0}\" name=\"{0}\">\n"
        "    <mxGraphModel grid=\"1\" gridSize=\"10\" page=\"1\" pageWidth=\"{1}\" pageHeight=\"{2}\">\n      <root>\n"
        "        <mxCell id=\"0\"/>\n        <mxCell id=\"1\" parent=\"0\"/>\n{3}      </root>\n    </mxGraphModel>\n"
        "  </diagram>\n</mxfile>\n",
        xml_text(topology.name), layout.width(), layout.height(), cells);
}

}  // namespace hairpin::lab
