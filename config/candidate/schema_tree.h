#pragma once
// What the shell's grammar is made of: the YANG module hairpin as words that follow each other. Choices and cases are gone, a list's keys
// stand apart from its other children, and what is not configuration is left out.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct lysc_node;

namespace hairpin::config {

struct SchemaNode {
    enum class Kind : std::uint8_t { container, presence_container, list, leaf, leaf_list };

    std::string name;         // empty at the top
    std::string description;  // its first sentence, without the full stop
    Kind kind = Kind::container;
    bool ordered_by_user = false;
    bool mandatory = false;  // where its parent is, it must be, or another alternative of its choice
    const SchemaNode* parent = nullptr;
    std::size_t position = 0;                           // among its siblings
    std::vector<std::unique_ptr<SchemaNode>> children;  // in the schema's order, without keys
    std::vector<std::unique_ptr<SchemaNode>> keys;
    const lysc_node* yang = nullptr;  // nullptr at the top

    bool has_children() const { return kind != Kind::leaf && kind != Kind::leaf_list; }
    // Whether several of it may stand side by side.
    bool is_repeated() const { return kind == Kind::list || kind == Kind::leaf_list; }
    // Child of this very name; nullptr where there is none.
    const SchemaNode* child(std::string_view exact_name) const;
    // Children of this name, or that begin so: one where the name is exact or unambiguous.
    std::vector<const SchemaNode*> children_like(std::string_view abbreviation) const;
    // Whether it and a sibling are alternatives of one choice: where one is, the other cannot be.
    bool excludes(const SchemaNode& sibling) const;
    // Its name, and those of the siblings that it excludes, in the schema's order.
    std::vector<std::string> alternative_names() const;

    struct Alternative {
        const lysc_node* choice;
        const lysc_node* of_it;
    };
    std::vector<Alternative> alternatives;  // the cases between it and its parent
};

// Of a description in the schema, for help in one line. Without its full stop; empty when there is none.
std::string first_sentence(const char* description);

// What stands above the top containers. Made when it is first asked for, and never changed.
const SchemaNode& schema_top();

}  // namespace hairpin::config
