#pragma once
// The `exec` commands of a node, run when it comes up.

#include <string>

#include "lab/lab_state.h"
#include "lab/topology.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {

// A file that is written at its end, and made where it is not there.
Result<FileDescriptor> open_log(const std::string& path);

// Runs them in their order, to the node's log. The first that fails ends it; the error says which, and its last words.
Result<void> run_commands(const LabState& lab, const Node& node);

}  // namespace hairpin::lab
