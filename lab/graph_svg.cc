#include <fmt/format.h>

#include <string>

#include "lab/graph.h"
#include "lab/graph_layout.h"
#include "lab/xml_text.h"

namespace hairpin::lab {
namespace {

constexpr const char* kSmall = " font-size=\"10\"";
constexpr const char* kStyle =
    ".wire{stroke:#555;fill:none}.tunnel{stroke:#888;fill:none;stroke-dasharray:5 4}.bar{fill:#2a6}.box{fill:#fff;stroke:#333}"
    ".container{stroke-dasharray:6 3}";

std::string label(Point at, const std::string& text, const char* anchor = "middle", const char* more = "") {
    return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", at.x, at.y, anchor, more, xml_text(text));
}

std::string line(Point from, Point to, const char* kind) {
    return fmt::format("<path d=\"M{} {}L{} {}\" class=\"{}\"/>\n", from.x, from.y, to.x, to.y, kind);
}

std::string rectangle(const Box& box, const char* kind) {
    return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" class=\"{}\"/>\n", box.x, box.y, box.width,
                       box.height, kind);
}

std::string rectangle_with(const Box& box, const char* kind, const std::string& name, const std::string& small = "") {
    const Point middle{.x = box.x + box.width / 2, .y = box.y + box.height / 2};
    if (small.empty()) return rectangle(box, kind) + label({middle.x, middle.y + 4}, name);
    return rectangle(box, kind) + label({middle.x, middle.y - 2}, name) +
           label({middle.x, middle.y + 14}, small, "middle", kSmall);
}

Box inside(const Box& box, int by) {
    return {.x = box.x + by, .y = box.y + by, .width = box.width - 2 * by, .height = box.height - 2 * by};
}

// A machine has a second frame, a container a dashed one.
std::string drawn(const Node& node, const Box& box) {
    switch (node.role) {
        case NodeRole::segment:
            return rectangle(box, "bar") + label({box.x + box.width, box.y - 7}, node.name, "end", " font-weight=\"bold\"");
        case NodeRole::machine:
            return rectangle(box, "box") + rectangle_with(inside(box, 3), "box", node.name, std::string{to_string(node.role)});
        case NodeRole::container: return rectangle_with(box, "box container", node.name, std::string{to_string(node.role)});
        case NodeRole::gateway:
        case NodeRole::host: break;
    }
    return rectangle_with(box, "box", node.name);
}

std::string drawn(const GraphLayout::PlacedLink& link) {
    const auto& [attachment, at_node, at_segment] = link;
    const std::string address = attachment->address ? attachment->address->to_string() : "";
    const std::string wire = line(at_segment, at_node, "wire");
    if (at_node.y == at_segment.y)  // the gateway's
        return wire + label({at_node.x + 6, at_node.y - 6}, attachment->interface, "start") +
               label({at_node.x + 6, at_node.y + 16}, address, "start", kSmall);
    const int y = at_segment.y < at_node.y ? at_node.y - 6 : at_node.y + 14;
    return wire + label({at_node.x + 4, y}, address.empty() ? attachment->interface : address, "start", kSmall);
}

std::string drawn(const GraphLayout::PlacedTunnel& tunnel) {
    return line(tunnel.at_segment, tunnel.at_box, "tunnel") + rectangle_with(tunnel.box, "box container",
                                                                             tunnel.tunnel->remote.to_string(),
                                                                             fmt::format("VXLAN {}", tunnel.tunnel->vni));
}

}  // namespace

std::string graph_svg(const Topology& topology) {
    const GraphLayout layout{topology};
    std::string body;
    for (const auto& each : layout.links()) body += drawn(each);
    for (const auto& each : layout.tunnels()) body += drawn(each);
    for (const auto& [node, box] : layout.nodes()) body += drawn(*node, box);
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "font-family=\"sans-serif\" "
        "font-size=\"13\">\n<title>{2}</title>\n<style>{3}</style>\n<rect width=\"100%\" height=\"100%\" "
        "fill=\"#fff\"/>\n{4}</svg>\n",
        layout.width(), layout.height(), xml_text(topology.name), kStyle, body);
}

}  // namespace hairpin::lab
