#pragma once
// Makes a lab that is up what its files say now, and leaves all else running: hosts, ports and the gateway's sessions.
//
// The caller holds the LabLock, and has found that the lab is running.

#include "lab/difference.h"
#include "lab/lab_state.h"
#include "lab/topology.h"

namespace hairpin::lab {

// hairpind judges the whole document before anything is touched. An error after that says what is not as the files say.
Result<LabState> adapt(const Topology& topology, const LabState& before, const DaemonConfig& wanted,
                       const LabDifference& difference);

}  // namespace hairpin::lab
