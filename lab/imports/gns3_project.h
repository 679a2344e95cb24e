#pragma once
// A GNS3 project's file (.gns3), read and checked: its nodes and who is cabled to whom.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lab/complaints.h"

namespace hairpin::lab {

struct Gns3SwitchPort {
    std::string type = "access";  // access, dot1q or qinq
    unsigned vlan = 1;            // of a trunk: the untagged frames'
};

struct Gns3Node {
    std::string id, name, type;
    std::string image = {}, start_command = {};
    std::vector<std::string> environment = {};  // NAME=VALUE
    std::map<unsigned, Gns3SwitchPort> ports = {};
    std::vector<PlacedText> untaken = {};  // properties that say something and have no counterpart
    Position at = {};
};

struct Gns3End {
    std::size_t node = 0;  // which of the project's nodes
    unsigned adapter = 0, port = 0;
};

struct Gns3Filter {
    std::string type;
    std::vector<std::string> values;
    Position at;
};

struct Gns3Link {
    Gns3End first, second;
    bool suspended = false;
    std::vector<Gns3Filter> filters = {};
    Position at = {};
};

struct Gns3Project {
    std::string name;
    std::vector<Gns3Node> nodes;
    std::vector<Gns3Link> links;
    std::optional<PlacedText> drawings;  // pictures and notes on the canvas
};

Gns3Project read_gns3_project(const std::string& text, Complaints& complaints);

}  // namespace hairpin::lab
