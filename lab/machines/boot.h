#pragma once
// From a node of kind generic_vm to a QEMU that runs: its words, its namespace, and its first sign of life.
//
// A machine has a namespace of its own, as every host has. QEMU lives there, without any interface but the TAP that it may make, so a guest
// reaches our sockets and nothing else, and the lab's end finds it where it finds all others.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "lab/lab_state.h"
#include "lab/machines/qemu.h"
#include "lab/processes.h"
#include "lab/topology.h"
#include "net/result.h"

namespace hairpin::lab {

// The switch's side of each interface of the machine, in the order of its links.
std::vector<MachinePort> ports_of(const Topology& topology, const Node& node);

// Where QEMU's monitor listens.
std::string monitor_of(const Topology& topology, const Node& node);

// What starts the machine, in its namespace.
Result<std::vector<std::string>> qemu_words(const Topology& topology, const Node& node, const Qemu& qemu);

// Starts it, with those cables pulled that the topology says are; what QEMU complains of is in the node's log, the guest's console in one of its own.
Result<pid_t> start_machine(const Topology& topology, const Node& node);
// Waits until the agent of a machine that has one says that it is ready.
Result<void> wait_for_machine(const Topology& topology, const Node& node, const ProcessId& qemu);

// Runs a shell script in a machine of a lab that is up, with the environment that commands have at this node.
Result<Finished> run_in_machine(const LabState& lab, const NodeState& node, const std::string& script,
                                std::chrono::seconds limit);

}  // namespace hairpin::lab
