#pragma once
// A lab as a drawing: who is attached to which segment. Each form is text that other programs read, or people; none needs a program to be made.

#include <string>

#include "lab/topology.h"

namespace hairpin::lab {

std::string graph_text(const Topology& topology);     // a list for each segment
std::string graph_mermaid(const Topology& topology);  // for Markdown
std::string graph_dot(const Topology& topology);      // for graphviz
// Both are placed by GraphLayout.
std::string graph_svg(const Topology& topology);
std::string graph_drawio(const Topology& topology);  // for diagrams.net: its mxfile, not compressed
std::string graph_json(const Topology& topology);

}  // namespace hairpin::lab
