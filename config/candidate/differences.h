#pragma once
// The difference of two trees as text, in the manner of Junos:
//
//   [edit gateway firewall]
//   +   rule 7 {
//   +       action drop;
//   +   }
//   !   rule 3 { ... }  now after rule 5
//   [edit gateway firewall rule 2]
//   -   action accept;
//   +   action drop;

#include <string>

#include "config/candidate/tree.h"

namespace hairpin::config {

// Empty exactly when the two are the same.
std::string difference_between(const Node& before, const Node& after);
// The paths of leaves, values of leaf-lists and entries that changed.
std::vector<std::vector<std::string>> changed_paths_between(const Node& before, const Node& after);

}  // namespace hairpin::config
