#pragma once
// The process that holds an enclave's namespaces: it makes them, arranges what is mounted, says so and then waits until it is killed.

#include <string>

#include "lab/processes.h"
#include "net/result.h"

namespace hairpin::lab {

// Starts one, which outlives this process. `folder` becomes its /run/hairpin. An error says what the system refused, and why if that can be known.
Result<ProcessId> start_enclave_holder(const std::string& folder);

// Turns this process into one of the enclave. It goes on in the folder where it is, by its path.
Result<void> join_enclave(const ProcessId& holder);

// A passwd or group file in which each name means user (or group) 0.
std::string with_ids_of_root(const std::string& database);

}  // namespace hairpin::lab
