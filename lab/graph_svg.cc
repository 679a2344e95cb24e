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
    ".container{stroke-dasharray:6 3}.down{stroke:#c22;stroke-width:2;stroke-dasharray:4 4}.state{fill:#c22}";
constexpr int kLegendHeight = 24;

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

// 950, 1.2k, 34k, 5.6M
std::string short_rate(double rate) {
    const char* unit = "";
    for (const char* larger : {"k", "M", "G"}) {
        if (rate < 999.5) break;
        rate /= 1000;
        unit = larger;
    }
    return rate < 9.95 && *unit != 0 ? fmt::format("{:.1f}{}", rate, unit) : fmt::format("{:.0f}{}", rate, unit);
}

// What is known of a link: nothing of a drawing of files alone, and of one that is not there yet.
const LinkNow* find_link(const LabNow* now, const std::string& end) {
    if (now == nullptr) return nullptr;
    const auto found = now->links.find(end);
    return found == now->links.end() ? nullptr : &found->second;
}

std::string wire(Point from, Point to, const char* kind, const LinkNow* now) {
    return line(from, to, now != nullptr && now->state != "up" ? "wire down" : kind);
}

std::string what_passes(Point at, const LinkNow* now) {
    if (now == nullptr) return "";
    if (now->state != "up") return label(at, now->state, "start", " font-size=\"10\" class=\"state\"");
    if (!now->in || !now->out) return "";
    return label(at, fmt::format("{} in {} out", short_rate(*now->in), short_rate(*now->out)), "start", kSmall);
}

std::string drawn(const GraphLayout::PlacedLink& link, const LabNow* lab) {
    const auto& [attachment, at_node, at_segment] = link;
    const LinkNow* now = find_link(lab, attachment->node + ":" + attachment->interface);
    const std::string address = attachment->address ? attachment->address->to_string() : "";
    const std::string cable = wire(at_segment, at_node, "wire", now);
    if (at_node.y == at_segment.y)  // the gateway's
        return cable + label({at_node.x + 6, at_node.y - 6}, attachment->interface, "start") +
               label({at_node.x + 6, at_node.y + 16}, address, "start", kSmall) +
               what_passes({at_node.x + 6, at_node.y + (address.empty() ? 16 : 29)}, now);
    const bool above = at_segment.y < at_node.y;
    return cable +
           label({at_node.x + 4, above ? at_node.y - 6 : at_node.y + 14}, address.empty() ? attachment->interface : address,
                 "start", kSmall) +
           what_passes({at_node.x + 4, above ? at_node.y - 19 : at_node.y + 27}, now);
}

std::string drawn(const GraphLayout::PlacedTunnel& tunnel, const LabNow* lab) {
    const LinkNow* now = find_link(lab, ":" + tunnel.tunnel->port);
    return wire(tunnel.at_segment, tunnel.at_box, "tunnel", now) + what_passes({tunnel.at_box.x + 4, tunnel.at_box.y - 6}, now) +
           rectangle_with(tunnel.box, "box container", tunnel.tunnel->remote.to_string(),
                          fmt::format("VXLAN {}", tunnel.tunnel->vni));
}

std::string legend(const LabNow& now, const std::string& lab, int height) {
    return label({20, height - 8},
                 now.is_up ? fmt::format("lab {} is up; bits per second in and out of each node", lab)
                           : fmt::format("lab {} is not up", lab),
                 "start", kSmall);
}

}  // namespace

std::string graph_svg(const Topology& topology, const LabNow* now) {
    const GraphLayout layout{topology};
    std::string body;
    for (const auto& each : layout.links()) body += drawn(each, now);
    for (const auto& each : layout.tunnels()) body += drawn(each, now);
    for (const auto& [node, box] : layout.nodes()) body += drawn(*node, box);
    const int height = layout.height() + (now != nullptr ? kLegendHeight : 0);
    if (now != nullptr) body += legend(*now, topology.name, height);
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "font-family=\"sans-serif\" "
        "font-size=\"13\">\n<title>{2}</title>\n<style>{3}</style>\n<rect width=\"100%\" height=\"100%\" "
        "fill=\"#fff\"/>\n{4}</svg>\n",
        layout.width(), height, xml_text(topology.name), kStyle, body);
}

}  // namespace hairpin::lab
