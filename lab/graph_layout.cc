#include "lab/graph_layout.h"

#include <algorithm>

namespace hairpin::lab {
namespace {

constexpr int kMargin = 20;
constexpr int kGatewayWidth = 120;
constexpr int kBarStart = kMargin + kGatewayWidth + 110;  // room for what is written at the gateway's interface
constexpr int kBarThickness = 6;
constexpr int kHostWidth = 150;
constexpr int kHostHeight = 52;
constexpr int kHostGap = 16;
constexpr int kRowHeight = 160;
constexpr int kBarBelowTop = 44;
constexpr int kHostBelowBar = 40;
constexpr int kFirstWire = 24;  // from the left of its box
constexpr int kBetweenWires = 36;

int bar_of_row(int row) { return kMargin + kBarBelowTop + row * kRowHeight; }

Box box_in_row(int column, int bar) {
    return {.x = kBarStart + kHostGap + column * (kHostWidth + kHostGap),
            .y = bar + kHostBelowBar,
            .width = kHostWidth,
            .height = kHostHeight};
}

int middle_of(const Box& bar) { return bar.y + bar.height / 2; }

}  // namespace

GraphLayout::GraphLayout(const Topology& topology) {
    for (const Node& node : topology.nodes)
        if (node.role == NodeRole::segment) place_row(topology, node.name, bar_of_row(rows_++));
    place_unattached(topology);
    const int bar_length = kHostGap + columns_ * (kHostWidth + kHostGap);
    width_ = kBarStart + bar_length + kMargin;
    height_ = 2 * kMargin + std::max(rows_, 1) * kRowHeight;
    int row = 0;
    for (const Node& node : topology.nodes)
        if (node.role == NodeRole::segment)
            place_node(
                node, {.x = kBarStart, .y = bar_of_row(row++) - kBarThickness / 2, .width = bar_length, .height = kBarThickness});
    place_node(topology.gateway(), {.x = kMargin, .y = kMargin, .width = kGatewayWidth, .height = height_ - 2 * kMargin});
    for (const Attachment& each : topology.attachments) links_.push_back(link_of(topology, each));
}

void GraphLayout::place_row(const Topology& topology, const std::string& segment, int bar) {
    int column = 0;
    for (const Node& node : topology.nodes) {
        const Attachment* first = topology.attachment_of(node.name);
        if (node.role == NodeRole::gateway || first == nullptr || first->segment != segment) continue;
        place_node(node, box_in_row(column++, bar));
    }
    for (const Tunnel& tunnel : topology.tunnels) {
        if (tunnel.segment != segment) continue;
        const Box box = box_in_row(column++, bar);
        tunnels_.push_back({.tunnel = &tunnel,
                            .box = box,
                            .at_box = {.x = box.x + kFirstWire, .y = box.y},
                            .at_segment = {.x = box.x + kFirstWire, .y = bar}});
    }
    columns_ = std::max(columns_, column);
}

// In a row without a bar.
void GraphLayout::place_unattached(const Topology& topology) {
    int column = 0;
    for (const Node& node : topology.nodes)
        if (node.role != NodeRole::segment && node.role != NodeRole::gateway && topology.attachment_of(node.name) == nullptr)
            place_node(node, box_in_row(column++, bar_of_row(rows_)));
    columns_ = std::max(columns_, column);
    rows_ += column > 0 ? 1 : 0;
}

void GraphLayout::place_node(const Node& node, Box box) {
    nodes_.push_back({.node = &node, .box = box});
    boxes_[node.name] = box;
}

GraphLayout::PlacedLink GraphLayout::link_of(const Topology& topology, const Attachment& attachment) const {
    const int bar = middle_of(box_of(attachment.segment));
    const Box& box = box_of(attachment.node);
    if (attachment.node == topology.gateway().name)
        return {
            .attachment = &attachment, .at_node = {.x = box.x + box.width, .y = bar}, .at_segment = {.x = kBarStart, .y = bar}};
    // Several interfaces of one node leave it side by side; those of segments further down from below.
    int number = 0, count = 0;
    for (const Attachment& other : topology.attachments) {
        if (&other == &attachment) number = count;
        count += other.node == attachment.node ? 1 : 0;
    }
    const int between = count > 1 ? std::min(kBetweenWires, (box.width - 2 * kFirstWire) / (count - 1)) : 0;
    const int x = box.x + kFirstWire + number * between;
    return {.attachment = &attachment,
            .at_node = {.x = x, .y = bar <= box.y ? box.y : box.y + box.height},
            .at_segment = {.x = x, .y = bar}};
}

}  // namespace hairpin::lab
