#pragma once
// A lab's hairpind as a process: started in the gateway's namespace, and started again under hosts that run on.

#include <string>
#include <vector>

#include "lab/lab_state.h"
#include "net/result.h"

namespace hairpin::lab {

// Starts it by the lab's files, which are there; `options` are of hairpind itself, besides those that every lab's has. It is noted in the lab's state as
// soon as it lives, so that it is found whatever happens. Returns when it is ready; an error ends with what it said last.
Result<void> start_daemon(LabState& lab, const std::vector<std::string>& options);

// Ends it as `kill -9` does, and starts it again with the words that it had, by the commits that it left. Returns when it is ready. Hosts live on;
// meanwhile they have no network. Fails where it does not run.
Result<void> restart_daemon(LabState& lab);

}  // namespace hairpin::lab
