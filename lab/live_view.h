#pragma once
// What a lab that is up looks like at this moment: its nodes, its links, and the interfaces of its nodes, with what passes them.

#include <nlohmann/json_fwd.hpp>

#include "lab/lab_state.h"
#include "lab/link_end.h"
#include "lab/rows.h"
#include "net/result.h"

namespace hairpin::lab {

// Who is behind a port, a row of `show ports`: by the lab's own links, and of ports that came later by the namespace of their device.
LinkEnd end_behind(const LabState& lab, const nlohmann::json& port);

// Of the lab's state alone: works where hairpind has ended.
Rows nodes_of(const LabState& lab);
// A row for each port of the switch and each interface of the gateway, from hairpind.
Result<Rows> links_of(const LabState& lab);
// The same seen from the nodes: in is what comes to the node.
Result<Rows> interfaces_of(const LabState& lab);

}  // namespace hairpin::lab
