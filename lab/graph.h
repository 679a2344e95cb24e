#pragma once
// A lab as a drawing: who is attached to which segment. Each form is text that other programs read, or people; none needs a program to be made.

#include <map>
#include <optional>
#include <string>

#include "lab/topology.h"

namespace hairpin::lab {

// A link of a lab that is up: what it is, and in bits per second what comes to its node and leaves it, where that is known.
struct LinkNow {
    std::string state = "up";
    std::optional<double> in = {}, out = {};
};
struct LabNow {
    bool is_up = false;
    std::map<std::string, LinkNow> links = {};  // by NODE:INTERFACE; of a tunnel by :PORT
};

std::string graph_text(const Topology& topology);     // a list for each segment
std::string graph_mermaid(const Topology& topology);  // for Markdown
std::string graph_dot(const Topology& topology);      // for graphviz
// Both are placed by GraphLayout. A picture of what is now has rates and states at the links, and says whether the lab is up.
std::string graph_svg(const Topology& topology, const LabNow* now = nullptr);
std::string graph_drawio(const Topology& topology);  // for diagrams.net: its mxfile, not compressed
std::string graph_json(const Topology& topology);

}  // namespace hairpin::lab
