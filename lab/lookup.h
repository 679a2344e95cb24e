#pragma once
// Which lab is meant by what people type: a name, a folder, a file, or nothing.

#include <string>
#include <vector>

#include "lab/lab_state.h"
#include "lab/topology.h"
#include "net/result.h"

namespace hairpin::lab {

// The topology file that `argument` means. In this order:
//   a file               labs/x.clab.yml
//   a folder             the one *.clab.yml in it
//   a name               <name>/<name>.clab.yml in $HAIRPIN_TOPOLOGIES, ./topologies, or the topologies/ two folders above the
//                        program (a source tree whose programs are in build/bin)
//   nothing              the one *.clab.yml in the current folder
Result<std::string> find_topology(const std::string& argument);

// The names that find_topology() knows, in no order; some may stand twice.
std::vector<std::string> known_topologies();

// The lab that `argument` means among those of which something is left on the machine: its name, or its topology. Nothing means
// the topology of the current folder or, without one, the only lab there is.
Result<std::string> find_lab(const std::string& argument);

// The topology that a lab came up from, as its file is now, under the lab's name.
Result<Topology> topology_of(const LabState& lab);

// Where the running program lies, and so its companions.
std::string program_folder();

}  // namespace hairpin::lab
