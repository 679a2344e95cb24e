#pragma once
// Kathara's lab.conf: who is attached to which collision domain, and what each device is made of.
//
//   LAB_NAME="nat"
//   pc1[0]="A/02:00:00:00:00:01"      its eth0, with a MAC
//   pc1[image]="kathara/base"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/complaints.h"
#include "net/mac_address.h"

namespace hairpin::lab {

struct KatharaInterface {
    std::string domain;
    std::optional<MacAddress> mac;
    Position at;
};

struct KatharaOption {
    std::string key, value;
    Position at;
};

struct KatharaDevice {
    std::string name;
    std::map<unsigned, KatharaInterface> interfaces;
    std::vector<KatharaOption> options;
    Position at;
};

struct KatharaConf {
    std::map<std::string, std::string> about;  // LAB_NAME and the like
    std::vector<KatharaDevice> devices;        // in the order of the file
};

KatharaConf read_kathara_conf(const std::string& text, Complaints& complaints);

}  // namespace hairpin::lab
