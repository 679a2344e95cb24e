#pragma once
// The tree that a candidate edits: nodes with their values, kept in the schema's order, and below that in the order they came.

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/candidate/schema_tree.h"

namespace hairpin::config {

class Instances;

// Values are canonical: of a list's entry its keys, of a leaf or a member of a leaf-list its value, of a container none.
struct Node {
    explicit Node(const SchemaNode& of, std::vector<std::string> with = {}) : schema(&of), values(std::move(with)) {}

    const SchemaNode* schema;
    std::vector<std::string> values;
    std::string comment;
    Node* parent = nullptr;
    std::vector<std::unique_ptr<Instances>> instances;  // none is empty

    // What tells it from other instances of its schema node: keys, or a leaf-list's value; of what stands alone nothing.
    std::string identity() const;
    const Instances* instances_of(const SchemaNode& of) const;
    Instances* instances_of(const SchemaNode& of);
    const Node* find(const SchemaNode& of, const std::vector<std::string>& with) const;
    Node* find(const SchemaNode& of, const std::vector<std::string>& with);
    // The child that is there, or a new one behind the instances of `of`. Alternatives that it excludes are removed.
    Node& ensure_child(const SchemaNode& of, const std::vector<std::string>& with = {});
    Node& adopt(std::unique_ptr<Node> child);  // behind the other instances of its schema node, among which it must be new
    std::unique_ptr<Node> release(Node& child);
    void remove_all(const SchemaNode& of);
    std::unique_ptr<Node> clone() const;  // without a parent
    // "rule 3", "action", "address 192.0.2.1/24"; the value of a leaf is no part of its path.
    std::vector<std::string> words() const;
    std::vector<std::string> path() const;  // from the top
};

// The instances (RFC 7950) of one schema node below one parent.
class Instances {
public:
    explicit Instances(const SchemaNode& of) : schema_(&of) {}

    const SchemaNode& schema() const { return *schema_; }
    const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
    Node* find(const std::string& identity) const;
    Node& add(std::unique_ptr<Node> node, std::size_t position);
    Node& add(std::unique_ptr<Node> node) { return add(std::move(node), nodes_.size()); }
    std::unique_ptr<Node> take(const Node& node);
    std::size_t position_of(const Node& node) const;
    void rename(Node& entry, std::vector<std::string> keys);

private:
    const SchemaNode* schema_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::unordered_map<std::string, Node*> by_identity_;
};

// Identity of what has these values.
std::string identity_of(const SchemaNode& schema, const std::vector<std::string>& values);
// Containers without presence, from this one upwards, that hold nothing any more go away.
void remove_empty_from(Node* node);
// Both, or neither, are there, with the same values, comments and children. The order of what the user does not order is nothing.
bool same(const Node* one, const Node* other);
// A tree with these nodes, which stand beside each other or are the top, and of what is above them only what leads there.
std::unique_ptr<Node> branch_of(const std::vector<const Node*>& nodes);
// What is in `from` is put over what is in `into`: entries that are new come last, values of leaves are replaced.
void overlay(Node& into, const Node& from);

}  // namespace hairpin::config
