#pragma once
// Two people began from one tree. Where only one of them changed something, that is taken; where both did the same, too.
//
// A leaf with two new values, an entry that one removed and the other changed, entries with the same keys that both made differently,
// alternatives of one choice, and lists that both put into different orders are conflicts. Containers without presence only hold
// things together: both may add to one, or empty it.

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/candidate/tree.h"

namespace hairpin::config {

struct Conflict {
    std::vector<std::string> path;
};

tl::expected<std::unique_ptr<Node>, Conflict> merge_three(const Node& base, const Node& mine, const Node& theirs);

}  // namespace hairpin::config
