#pragma once
// hairpind's own judgement of the configuration that a topology makes, before anything of a lab is made. So `lab check` knows what `lab up`
// would fail at, without a second set of rules here.

#include <string>

#include "lab/daemon_config.h"
#include "lab/topology.h"

namespace hairpin::lab {

// Where the program hairpind lies: beside this one.
std::string daemon_program();

// An error is told with the place in the topology's file where that is known: `office.clab.yml:14:8: port "web": ...`.
Result<void> check_by_daemon(const Topology& topology, const DaemonConfig& config);

// hairpind's words `/hairpin:switch/port[name='web']/flap/up: 0 is less than 100ms` with the place of the port's link in front; of what is in no
// link, with the gateway's file.
std::string at_its_place(const Topology& topology, const std::string& complaint);

}  // namespace hairpin::lab
