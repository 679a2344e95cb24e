#pragma once
// A node of kind ext-container: a container that somebody has started, and who ends it, too. The lab gives it interfaces and runs commands in
// it; when the lab goes, the interfaces go, and the container stays.
//
// Its network namespace gets a name beside those of the lab's own, hc-<lab>-<node>: what lives in those is ended with the lab, and what
// lives in a container is not ours to end, also when nothing else of the lab is known any more.

#include <map>
#include <string>
#include <vector>

#include "lab/difference.h"
#include "lab/lab_state.h"
#include "lab/topology.h"
#include "net/mac_address.h"
#include "net/result.h"

namespace hairpin::lab {

// Whether it can be taken in: an error where no such container runs.
Result<void> look_for(const Node& node);
// Names the namespace that it has now. An error where no such container runs.
Result<void> take_in(const Topology& topology, const Node& node);

// The MAC of a container's interface that nobody has chosen, always the same for a port of a lab: what neighbours have learned outlasts a container
// that is started anew, as it would a host that is.
MacAddress mac_in_container(const std::string& lab, const std::string& port);

// Adds to the difference the containers that have been started anew, each of which has another namespace now.
void add_new_containers(const Topology& topology, LabDifference& difference);

// What runs the words in the container: the docker on this machine, with these variables.
std::vector<std::string> words_in_container(const std::string& container, const std::map<std::string, std::string>& environment,
                                            const std::vector<std::string>& words);
// The same with the terminal, for somebody who types.
std::vector<std::string> shell_in_container(const std::string& container, const std::map<std::string, std::string>& environment);

}  // namespace hairpin::lab
