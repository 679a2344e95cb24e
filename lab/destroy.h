#pragma once
// Takes a lab down: its processes, namespaces (and with them the TAPs in them) and files. Works from what the state says and from
// what is found by name, so also for a lab whose bring-up was killed or whose state is lost. Doing it twice is no mistake.

#include <string>
#include <vector>

#include "net/result.h"

namespace hairpin::lab {

// Whether there was anything to remove. The caller holds the LabLock.
Result<bool> destroy(const std::string& lab);

// Some hosts of a lab that is up: their ports, processes, namespaces and folders. All else goes on, and the state has them no more, so that `lab up` makes
// them again. An error, before anything is touched, where one is no host. The caller holds the LabLock.
Result<void> destroy_hosts(const std::string& lab, const std::vector<std::string>& hosts);

// The same but for its files, among which are hairpind's commits and counters.
Result<bool> destroy_all_but_files(const std::string& lab);

}  // namespace hairpin::lab
