#pragma once
// Reads a topology file: valid containerlab YAML, of which we take what a lab of namespaces needs (docs and LABS: name,
// topology.defaults/kinds/groups/nodes/links). What containerlab has and we do not do is accepted with a warning; what nobody
// knows is a mistake, told with file:line:column, and then nothing of the file is taken.

#include <string>

#include "lab/topology.h"
#include "lab/variables.h"

namespace hairpin::lab {

// `file` names the text in messages and, when it has a folder, is where configs/ and the tests are looked for.
// `runtime`: what nodes with an image become, which decides what of the file has an effect.
Result<Topology> parse_topology(const std::string& text, const std::string& file, const Environment& environment,
                                Runtime runtime = Runtime::netns);
Result<Topology> read_topology(const std::string& file, Runtime runtime = Runtime::netns);

}  // namespace hairpin::lab
