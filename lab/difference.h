#pragma once
// What a lab that is up lacks, and has too much, compared with its files as they are now.
//
// Three things are compared, each for itself, with what the files said when the lab came up (or was adapted last): the hosts, the switch and
// the gateway's configuration. What somebody has changed at the running gateway meanwhile stays, unless the file has changed in that part.

#include <string>
#include <string_view>
#include <vector>

#include "lab/daemon_config.h"
#include "lab/lab_state.h"
#include "lab/topology.h"

namespace hairpin::lab {

enum class ChangeKind {
    added,
    removed,
    changed,  // while it goes on
    anew,     // of a host: it is removed and made again, because what its commands did cannot be undone
};
std::string_view to_string(ChangeKind kind);

struct LabChange {
    ChangeKind kind = ChangeKind::changed;
    std::string what;    // host, segment, port, gateway
    std::string name;    // of it
    std::string detail;  // "192.168.255.3/24 instead of 192.168.255.2/24"; may be empty
};

struct LabDifference {
    std::vector<LabChange> changes = {};  // in the order of the file, what is removed last
    std::vector<std::string> added = {};  // the hosts of each kind, and the containers
    std::vector<std::string> removed = {};
    std::vector<std::string> anew = {};
    std::vector<std::string> other_machines =
        {};  // that were, will be, or are now another: nobody's plug can be pulled while QEMU runs
    bool switch_changed = false;
    bool gateway_changed = false;

    bool empty() const { return changes.empty(); }
};

// `applied` is the document with which the lab came up, `wanted` that of its files now. An error is a change that only --reconfigure makes.
Result<LabDifference> find_difference(const LabState& before, const std::string& applied, const Topology& topology,
                                      const DaemonConfig& wanted);

// All of a topology, as if nothing were there.
LabDifference everything(const Topology& topology);

}  // namespace hairpin::lab
