#include "config/candidate/tree.h"

#include <algorithm>

#include "net/result.h"

namespace hairpin::config {

std::string identity_of(const SchemaNode& schema, const std::vector<std::string>& values) {
    std::string identity;
    if (schema.is_repeated())
        for (const std::string& value : values) identity.append(value).append("\n");  // no value has a line feed
    return identity;
}

/* Node */

std::string Node::identity() const { return identity_of(*schema, values); }

const Instances* Node::instances_of(const SchemaNode& of) const {
    const auto found = std::find_if(instances.begin(), instances.end(), [&](const auto& each) { return &each->schema() == &of; });
    return found == instances.end() ? nullptr : found->get();
}

Instances* Node::instances_of(const SchemaNode& of) { return const_cast<Instances*>(std::as_const(*this).instances_of(of)); }

const Node* Node::find(const SchemaNode& of, const std::vector<std::string>& with) const {
    const Instances* family = instances_of(of);
    return family != nullptr ? family->find(identity_of(of, with)) : nullptr;
}

Node* Node::find(const SchemaNode& of, const std::vector<std::string>& with) {
    return const_cast<Node*>(std::as_const(*this).find(of, with));
}

Node& Node::ensure_child(const SchemaNode& of, const std::vector<std::string>& with) {
    if (Node* there = find(of, with)) return *there;
    std::erase_if(instances, [&](const auto& each) { return of.excludes(each->schema()); });
    return adopt(std::make_unique<Node>(of, with));
}

Node& Node::adopt(std::unique_ptr<Node> child) {
    child->parent = this;
    const SchemaNode& of = *child->schema;
    if (Instances* family = instances_of(of)) return family->add(std::move(child));
    const auto after =
        std::find_if(instances.begin(), instances.end(), [&](const auto& each) { return each->schema().position > of.position; });
    return (*instances.insert(after, std::make_unique<Instances>(of)))->add(std::move(child));
}

std::unique_ptr<Node> Node::release(Node& child) {
    Instances* family = instances_of(*child.schema);
    ensure(child.parent == this && family != nullptr);
    auto released = family->take(child);
    released->parent = nullptr;
    if (family->nodes().empty()) std::erase_if(instances, [&](const auto& each) { return each.get() == family; });
    return released;
}

void Node::remove_all(const SchemaNode& of) {
    std::erase_if(instances, [&](const auto& each) { return &each->schema() == &of; });
}

std::unique_ptr<Node> Node::clone() const {
    auto copy = std::make_unique<Node>(*schema, values);
    copy->comment = comment;
    for (const auto& family : instances)
        for (const auto& child : family->nodes()) copy->adopt(child->clone());
    return copy;
}

std::vector<std::string> Node::words() const {
    std::vector<std::string> result{schema->name};
    if (schema->is_repeated()) result.insert(result.end(), values.begin(), values.end());
    return result;
}

std::vector<std::string> Node::path() const {
    if (parent == nullptr) return {};
    std::vector<std::string> result = parent->path();
    for (std::string& word : words()) result.push_back(std::move(word));
    return result;
}

/* Instances */

Node* Instances::find(const std::string& identity) const {
    const auto found = by_identity_.find(identity);
    return found == by_identity_.end() ? nullptr : found->second;
}

Node& Instances::add(std::unique_ptr<Node> node, std::size_t position) {
    ensure(by_identity_.emplace(node->identity(), node.get()).second);
    return **nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(position), std::move(node));
}

std::unique_ptr<Node> Instances::take(const Node& node) {
    const auto place = nodes_.begin() + static_cast<std::ptrdiff_t>(position_of(node));
    auto taken = std::move(*place);
    nodes_.erase(place);
    by_identity_.erase(taken->identity());
    return taken;
}

std::size_t Instances::position_of(const Node& node) const {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& each) { return each.get() == &node; });
    ensure(found != nodes_.end());
    return static_cast<std::size_t>(found - nodes_.begin());
}

void Instances::rename(Node& entry, std::vector<std::string> keys) {
    by_identity_.erase(entry.identity());
    entry.values = std::move(keys);
    ensure(by_identity_.emplace(entry.identity(), &entry).second);
}

/* Trees */

void remove_empty_from(Node* node) {
    while (node->parent != nullptr && node->schema->kind == SchemaNode::Kind::container && node->instances.empty()) {
        Node* above = node->parent;
        above->release(*node);
        node = above;
    }
}

namespace {

bool same_instances(const Instances& one, const Instances& other) {
    if (&one.schema() != &other.schema() || one.nodes().size() != other.nodes().size()) return false;
    for (std::size_t i = 0; i < one.nodes().size(); ++i) {
        const Node& node = *one.nodes()[i];
        const Node* counterpart = one.schema().ordered_by_user ? other.nodes()[i].get() : other.find(node.identity());
        if (!same(&node, counterpart)) return false;
    }
    return true;
}

}  // namespace

bool same(const Node* one, const Node* other) {
    if (one == nullptr || other == nullptr) return one == other;
    return one->values == other->values && one->comment == other->comment &&
           std::equal(one->instances.begin(), one->instances.end(), other->instances.begin(), other->instances.end(),
                      [](const auto& left, const auto& right) { return same_instances(*left, *right); });
}

namespace {

// The place of a node in a tree that may lack what is above it.
Node& ensure_way_to(Node& top, const Node& node) {
    return node.parent == nullptr ? top : ensure_way_to(top, *node.parent).ensure_child(*node.schema, node.values);
}

}  // namespace

std::unique_ptr<Node> branch_of(const std::vector<const Node*>& nodes) {
    auto top = std::make_unique<Node>(schema_top());
    for (const Node* node : nodes) overlay(ensure_way_to(*top, *node), *node);
    return top;
}

void overlay(Node& into, const Node& from) {
    if (!from.comment.empty()) into.comment = from.comment;
    if (into.schema->kind == SchemaNode::Kind::leaf) into.values = from.values;
    for (const auto& family : from.instances)
        for (const auto& child : family->nodes()) overlay(into.ensure_child(family->schema(), child->values), *child);
}

}  // namespace hairpin::config
