#pragma once
// Brings a lab up: a namespace for each host and the gateway, hairpind in the gateway's, which attaches a TAP to every host, and
// then the hosts' own commands. What fails half-way is taken down again before the error is told.
//
// The caller holds the LabLock and has found that nothing of the lab is there.

#include <string>
#include <vector>

#include "lab/lab_state.h"
#include "lab/topology.h"

namespace hairpin::lab {

// What is missing on this machine or for this user, before anything is touched: root, /dev/net/tun, hairpind.
Result<void> check_machine();

// `daemon_options`: words for hairpind besides those that each lab's gets. An error says what failed, with the end of the log that knows
// more.
Result<LabState> deploy(const Topology& topology, const std::vector<std::string>& daemon_options);

// Of a lab that was complete and whose hairpind has ended: hosts and hairpind begin anew, with the commits and counters that are in the lab's folder.
// Where that fails, they are still there, and the lab is as it was but for its hosts.
Result<LabState> deploy_again(const Topology& topology, const LabState& before, const std::vector<std::string>& daemon_options);

}  // namespace hairpin::lab
