#pragma once
// What is different between two trees, node by node.

#include <cstdint>
#include <vector>

#include "config/candidate/tree.h"

namespace hairpin::config {

struct Change {
    enum class Kind : std::uint8_t {
        added,      // only `after` is there, with all that is in it
        removed,    // only `before` is there
        replaced,   // a leaf has another value
        commented,  // has another annotation, and otherwise what follows
        moved,      // stands at another place of a list that the user orders
    };

    Kind kind;
    const Node* before;  // nodes of the two trees: valid as long as they are not changed
    const Node* after;

    const Node& node() const { return after != nullptr ? *after : *before; }
};

// In the schema's order; what changed directly below a node comes before what changed deeper. Empty exactly when the two are the same.
std::vector<Change> changes_between(const Node& before, const Node& after);

// Of a list's entries that stand in both orders, the fewest that must move to get from one order to the other.
std::vector<const Node*> moved_entries(const Instances& before, const Instances& after);

}  // namespace hairpin::config
