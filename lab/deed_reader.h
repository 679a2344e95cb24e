#pragma once
// The tests of a tests file that do something to the lab, and those that ask who reaches whom.

#include "lab/lab_tests.h"
#include "lab/yaml_tree.h"

namespace hairpin::lab {

// The value of `reach`.
ReachCheck read_reach(const YamlNode& reach, const Topology& topology, Complaints& complaints);

// A test with `do`: that, and its `during`, `within` and `expect`.
DeedCheck read_deed(const YamlNode& test, const Topology& topology, Complaints& complaints);

}  // namespace hairpin::lab
