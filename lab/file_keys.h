#pragma once
// The keys that a lab's files may have, as their readers know them: the manual is made of them.

#include <span>

#include "lab/yaml_tree.h"

namespace hairpin::lab {

// Of a topology file, from the outside to the inside.
std::span<const KeyRow> topology_file_keys();
std::span<const KeyRow> topology_keys();
std::span<const KeyRow> node_keys();
std::span<const KeyRow> link_keys();
std::span<const KeyRow> link_variable_keys();
std::span<const KeyRow> tunnel_keys();
std::span<const KeyRow> tunnel_variable_keys();

// Of a test in a tests file, and of its parts.
std::span<const KeyRow> lab_test_keys();
std::span<const KeyRow> command_expectation_keys();
std::span<const KeyRow> trace_keys();
std::span<const KeyRow> trace_expectation_keys();
std::span<const KeyRow> reach_keys();
std::span<const KeyRow> deed_keys();
std::span<const KeyRow> during_keys();
std::span<const KeyRow> deed_expectation_keys();

}  // namespace hairpin::lab
