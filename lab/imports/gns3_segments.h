#pragma once
// Which of a GNS3 project's switches and hubs are one segment, and who is attached to it by what.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/imports/gns3_project.h"
#include "lab/imports/lab_draft.h"

namespace hairpin::lab {

struct Gns3Attachment {
    std::size_t node = 0;   // which of the project's nodes, none of them a switch
    std::string interface;  // eth0
    std::string segment;
    Gns3SwitchPort port = {};  // of the switch
    const Gns3Link* link = nullptr;
    bool has_cable = true;  // of the two ends of a link between nodes, one has what is wrong with it
};

struct Gns3Segments {
    std::vector<std::string> names;
    std::map<std::string, std::vector<unsigned>> vlans;  // of those segments that have any, which there are
    std::vector<Gns3Attachment> attachments;
};

bool is_gns3_switch(const std::string& type);
bool is_gns3_internet(const std::string& type);

// Names of segments come from `names`. What is lost by making one of several switches is remarked on in `draft`.
Gns3Segments find_segments(const Gns3Project& project, std::size_t gateway, const std::string& file, NodeNames& names,
                           LabDraft& draft);

}  // namespace hairpin::lab
