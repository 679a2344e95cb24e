#pragma once
// Where everything of a lab stands in a drawing. Segments are bars one below the other, the gateway stands on their left along all of them,
// everybody else hangs from the bar that he is attached to first. Behind them hang the tunnels that leave the segment.
//
//   ┌────┐eth1                                lan
//   │    ├────────━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//   │edge│          │               │
//   │    │      ┌───┴───┐       ┌───┴───┐
//   │    │      │ host  │       │tunnel │
//   └────┘      └───────┘       └───────┘
//
// It points into the topology, which must outlive it. Lengths are pixels.

#include <map>
#include <string>
#include <vector>

#include "lab/topology.h"

namespace hairpin::lab {

struct Point {
    int x = 0, y = 0;
};

struct Box {
    int x = 0, y = 0, width = 0, height = 0;
};

class GraphLayout {
public:
    struct PlacedNode {
        const Node* node;
        Box box;  // of a segment: its bar
    };
    struct PlacedLink {
        const Attachment* attachment;
        Point at_node, at_segment;
    };
    struct PlacedTunnel {
        const Tunnel* tunnel;
        Box box;
        Point at_box, at_segment;
    };

    explicit GraphLayout(const Topology& topology);

    int width() const { return width_; }
    int height() const { return height_; }
    const std::vector<PlacedNode>& nodes() const { return nodes_; }
    const std::vector<PlacedLink>& links() const { return links_; }
    const std::vector<PlacedTunnel>& tunnels() const { return tunnels_; }
    const Box& box_of(const std::string& node) const { return boxes_.at(node); }

private:
    void place_row(const Topology& topology, const std::string& segment, int bar);
    void place_unattached(const Topology& topology);
    void place_node(const Node& node, Box box);
    PlacedLink link_of(const Topology& topology, const Attachment& attachment) const;

    std::vector<PlacedNode> nodes_;
    std::vector<PlacedLink> links_;
    std::vector<PlacedTunnel> tunnels_;
    std::map<std::string, Box> boxes_;
    int columns_ = 1, rows_ = 0, width_ = 0, height_ = 0;
};

}  // namespace hairpin::lab
