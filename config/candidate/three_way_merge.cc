#include "config/candidate/three_way_merge.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "config/candidate/changes.h"

namespace hairpin::config {

namespace {

using Order = std::vector<std::string>;  // identities

Order order_of(const Instances* instances) {
    Order order;
    if (instances != nullptr)
        for (const auto& node : instances->nodes()) order.push_back(node->identity());
    return order;
}

// Of `order` those that are in the other, too.
Order common_part(const Order& order, const Instances* other) {
    Order common;
    for (const std::string& identity : order)
        if (other != nullptr && other->find(identity) != nullptr) common.push_back(identity);
    return common;
}

// What only `added` has is put behind what it follows there; what has no predecessor left comes first.
Order with_additions(Order order, const Order& added) {
    Order result;
    std::vector<Order> behind(order.size() + 1);  // [0]: before all
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < order.size(); ++i) places.emplace(order[i], i + 1);
    std::size_t place = 0;
    for (const std::string& identity : added) {
        if (const auto found = places.find(identity); found != places.end())
            place = found->second;
        else
            behind[place].push_back(identity);
    }
    result = behind[0];
    for (std::size_t i = 0; i < order.size(); ++i) {
        result.push_back(order[i]);
        result.insert(result.end(), behind[i + 1].begin(), behind[i + 1].end());
    }
    return result;
}

class Merge {
public:
    std::optional<Conflict> conflict;

    // Any of the three may be missing, but not all. nullptr where nothing is left, or there is a conflict.
    std::unique_ptr<Node> node(const Node* base, const Node* mine, const Node* theirs) {
        if (same(mine, base)) return copy_of(theirs);
        if (same(theirs, base) || same(mine, theirs)) return copy_of(mine);
        const Node& any = mine != nullptr ? *mine : *theirs;
        const bool all_there = base != nullptr && mine != nullptr && theirs != nullptr;
        if (!any.schema->has_children() || (any.schema->kind != SchemaNode::Kind::container && !all_there)) return fail(any);
        return inside(any, base, mine, theirs);
    }

private:
    static std::unique_ptr<Node> copy_of(const Node* node) { return node != nullptr ? node->clone() : nullptr; }

    std::unique_ptr<Node> fail(const Node& node) {
        if (!conflict) conflict = Conflict{node.path()};
        return nullptr;
    }

    std::unique_ptr<Node> inside(const Node& any, const Node* base, const Node* mine, const Node* theirs) {
        auto merged = std::make_unique<Node>(*any.schema, any.values);
        const auto comment = [](const Node* node) { return node != nullptr ? node->comment : std::string{}; };
        const std::string old = comment(base), ours = comment(mine), other = comment(theirs);
        if (ours != old && other != old && ours != other) return fail(any);
        merged->comment = ours != old ? ours : other;
        for (const auto& child : any.schema->children) {
            const auto instances = [&](const Node* node) { return node != nullptr ? node->instances_of(*child) : nullptr; };
            children(*merged, *child, instances(base), instances(mine), instances(theirs));
            if (conflict) return nullptr;
        }
        const bool explained_anew = !merged->comment.empty() && merged->comment != old;
        auto left = without_emptiness(std::move(merged));
        if (left == nullptr && explained_anew) return fail(any);  // one has explained what the other has emptied
        return left;
    }

    static std::unique_ptr<Node> without_emptiness(std::unique_ptr<Node> node) {
        const bool is_nothing =
            node->schema->kind == SchemaNode::Kind::container && node->instances.empty() && node->schema->parent != nullptr;
        return is_nothing ? nullptr : std::move(node);
    }

    void children(Node& into, const SchemaNode& schema, const Instances* base, const Instances* mine, const Instances* theirs) {
        if (mine == nullptr && theirs == nullptr) return;
        const auto order = merged_order(schema, base, mine, theirs);
        if (!order) {
            fail(*mine->nodes().front());
            conflict->path.resize(conflict->path.size() - mine->nodes().front()->values.size());  // the list, not its first entry
            return;
        }
        for (const std::string& identity : *order) {
            const auto find = [&](const Instances* instances) {
                return instances != nullptr ? instances->find(identity) : nullptr;
            };
            auto child = node(find(base), find(mine), find(theirs));
            if (conflict) return;
            if (child == nullptr) continue;
            for (const auto& other : into.instances)
                if (schema.excludes(other->schema())) return void(fail(*any_of(find(mine), find(theirs))));
            into.adopt(std::move(child));
        }
    }

    static const Node* any_of(const Node* one, const Node* other) { return one != nullptr ? one : other; }

    // Of all that mine or theirs has. nullopt: what both have stands in two orders, and it is not so that one of them left it alone.
    static std::optional<Order> merged_order(const SchemaNode& schema, const Instances* base, const Instances* mine,
                                             const Instances* theirs) {
        const Order ours = order_of(mine), other = order_of(theirs);
        if (!schema.ordered_by_user) return with_additions(other, ours);
        const auto is_moved = [&](const Instances* instances) {
            return base != nullptr && instances != nullptr && !moved_entries(*base, *instances).empty();
        };
        const bool by_me = is_moved(mine), by_them = is_moved(theirs);
        if (by_me == by_them && common_part(ours, theirs) != common_part(other, mine)) return std::nullopt;
        return by_me ? with_additions(ours, other) : with_additions(other, ours);
    }
};

}  // namespace

tl::expected<std::unique_ptr<Node>, Conflict> merge_three(const Node& base, const Node& mine, const Node& theirs) {
    Merge merge;
    auto merged = merge.node(&base, &mine, &theirs);
    if (merge.conflict) return tl::unexpected(std::move(*merge.conflict));
    return merged;
}

}  // namespace hairpin::config
