#pragma once
// The expansions that containerlab makes in the values of a topology file:
//
//   ${IMAGE}            the environment variable IMAGE; a mistake when it is not set
//   ${IMAGE:=nginx}     ... or "nginx" when it is not set or empty; ${IMAGE:-nginx} says the same
//   __clabNodeName__    the name of the node whose setting it is
//
// `$NAME` without braces is left alone: in `exec` it belongs to the shell that runs the command.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lab/yaml_tree.h"

namespace hairpin::lab {

// What a variable is set to; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// Expands ${...} in every value of the tree; keys are left as they are. Mistakes are complained about at their value.
void expand_variables(YamlNode& node, const Environment& environment, Complaints& complaints);

std::string expand_node_name(std::string text, std::string_view node);

}  // namespace hairpin::lab
