#pragma once
// A node that is a container: of kind ext-container one that somebody has started, who ends it, too; or one that the lab starts itself, of an
// image. The lab gives it interfaces and runs commands in it. When the lab goes, the interfaces go; somebody else's container stays, and the
// lab's own are removed.
//
// The lab's own belong to it by the label hairpin.lab, by which they are found when nothing else of the lab is known any more. They have no network
// but the lab's (--network none), and a terminal, so that a shell that is an image's command does not end.
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

// Whether it can be taken in: an error where no such container runs. One that the lab starts itself need not be there yet.
Result<void> look_for(const Topology& topology, const Node& node);
// Starts the container where it is the lab's own, and names the namespace that it has now. An error where it does not run.
Result<void> take_in(const Topology& topology, const Node& node);
// The words that start it.
std::vector<std::string> words_to_start(const Topology& topology, const Node& node);

// Removes the containers that the lab has started, or of them those of this node. Nothing happens where there are none.
Result<void> remove_containers(Runtime runtime, const std::string& lab, const std::string& node = "");
// Likewise, where it is not known which engine has started them: those that are installed are asked.
void remove_forgotten_containers(const std::string& lab);

// The MAC of a container's interface that nobody has chosen, always the same for a port of a lab: what neighbours have learned outlasts a container
// that is started anew, as it would a host that is.
MacAddress mac_in_container(const std::string& lab, const std::string& port);

// Adds to the difference the containers that have been started anew, each of which has another namespace now.
void add_new_containers(const Topology& topology, LabDifference& difference);

// What runs the words in the container: the engine's program on this machine, with these variables.
std::vector<std::string> words_in_container(Runtime runtime, const std::string& container,
                                            const std::map<std::string, std::string>& environment,
                                            const std::vector<std::string>& words);
// The same with the terminal, for somebody who types.
std::vector<std::string> shell_in_container(Runtime runtime, const std::string& container,
                                            const std::map<std::string, std::string>& environment);

}  // namespace hairpin::lab
