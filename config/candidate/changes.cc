#include "config/candidate/changes.h"

#include <algorithm>
#include <unordered_map>

namespace hairpin::config {

namespace {

class Comparison {
public:
    std::vector<Change> changes;

    // Children of two nodes that are both there; then what is in those that both have.
    void inside(const Node& before, const Node& after) {
        std::vector<std::pair<const Node*, const Node*>> common;
        for (const auto& child : after.schema->children) {
            const Instances* old_instances = before.instances_of(*child);
            const Instances* new_instances = after.instances_of(*child);
            if (old_instances != nullptr) removed_and_kept(*old_instances, new_instances, common);
            if (new_instances != nullptr) added(old_instances, *new_instances);
            if (old_instances != nullptr && new_instances != nullptr && child->ordered_by_user)
                for (const Node* node : moved_entries(*old_instances, *new_instances))
                    changes.push_back({Change::Kind::moved, old_instances->find(node->identity()), node});
        }
        for (const auto& [old_node, new_node] : common) inside(*old_node, *new_node);
    }

private:
    void removed_and_kept(const Instances& before, const Instances* after,
                          std::vector<std::pair<const Node*, const Node*>>& common) {
        for (const auto& node : before.nodes()) {
            const Node* now = after != nullptr ? after->find(node->identity()) : nullptr;
            if (now == nullptr) {
                changes.push_back({Change::Kind::removed, node.get(), nullptr});
                continue;
            }
            if (node->values != now->values) changes.push_back({Change::Kind::replaced, node.get(), now});
            if (node->comment != now->comment) changes.push_back({Change::Kind::commented, node.get(), now});
            if (node->schema->has_children()) common.emplace_back(node.get(), now);
        }
    }

    void added(const Instances* before, const Instances& after) {
        for (const auto& node : after.nodes())
            if (before == nullptr || before->find(node->identity()) == nullptr)
                changes.push_back({Change::Kind::added, nullptr, node.get()});
    }
};

}  // namespace

std::vector<Change> changes_between(const Node& before, const Node& after) {
    Comparison comparison;
    comparison.inside(before, after);
    return std::move(comparison.changes);
}

// Those that stay are a longest increasing subsequence of the old positions, read in the new order.
std::vector<const Node*> moved_entries(const Instances& before, const Instances& after) {
    std::unordered_map<const Node*, std::size_t> old_positions;
    for (std::size_t i = 0; i < before.nodes().size(); ++i) old_positions.emplace(before.nodes()[i].get(), i);
    std::vector<const Node*> common;
    std::vector<std::size_t> positions;
    for (const auto& node : after.nodes()) {
        const Node* counterpart = before.find(node->identity());
        if (counterpart == nullptr) continue;
        common.push_back(node.get());
        positions.push_back(old_positions.at(counterpart));
    }

    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::vector<std::size_t> ends;  // ends[n]: index of the smallest position that ends an increasing run of n + 1
    std::vector<std::size_t> previous(positions.size(), kNone);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const auto longer = std::lower_bound(ends.begin(), ends.end(), positions[i],
                                             [&](std::size_t end, std::size_t position) { return positions[end] < position; });
        if (longer != ends.begin()) previous[i] = *std::prev(longer);
        if (longer == ends.end())
            ends.push_back(i);
        else
            *longer = i;
    }
    std::vector<bool> stays(positions.size(), false);
    for (std::size_t i = ends.empty() ? kNone : ends.back(); i != kNone; i = previous[i]) stays[i] = true;
    std::vector<const Node*> moved;
    for (std::size_t i = 0; i < common.size(); ++i)
        if (!stays[i]) moved.push_back(common[i]);
    return moved;
}

}  // namespace hairpin::config
