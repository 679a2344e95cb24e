#pragma once
// The capture of links with `vars: {capture: true}`, from the moment that the lab comes up: a `hairpin capture` in the gateway's namespace,
// where the lab's end finds it, into a ring of LabPaths::recording(). It also ends with hairpind.

#include "lab/lab_state.h"
#include "lab/topology.h"
#include "net/result.h"

namespace hairpin::lab {

// hairpind runs. Nothing is started where no link asks for it.
Result<void> start_recorder(const Topology& topology, const LabState& lab);

}  // namespace hairpin::lab
