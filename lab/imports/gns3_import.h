#pragma once
// A GNS3 project as a lab of ours: switches and hubs become segments, cabled ones the same; VPCS and Docker nodes hosts in namespaces; one router
// the gateway, and a NAT or cloud node the Internet behind it. Where no router is, the NAT node is the gateway itself, as it is in GNS3.
//
// What a router is configured to do lies on its disk and is not read: the gateway gets the addresses that hosts have for their default route, and
// translates towards the Internet.

#include <map>
#include <string>

#include "lab/imports/lab_draft.h"

namespace hairpin::lab {

// Texts of files beside the project's, by their paths from its folder; see gns3_addresses_file.
using Gns3Files = std::map<std::string, std::string>;

// `file` names the project in remarks and errors.
Result<ImportedLab> lab_from_gns3(const std::string& text, const std::string& file, const Gns3Files& files,
                                  const ImportOptions& options);

// Where a node's addresses stand: the script of VPCS, or the interfaces of a container. Empty for other types.
std::string gns3_addresses_file(const std::string& node_type, const std::string& node_id);

}  // namespace hairpin::lab
