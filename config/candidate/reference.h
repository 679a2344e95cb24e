#pragma once
// A node of the schema as a manual explains it: all of its description, its type in words, and what else is asked of it. What `?` shows in
// the shell is the first sentence of the same.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/candidate/schema_tree.h"

namespace hairpin::config {

struct NamedValue {
    std::string name, description;  // the description is whole sentences, or empty
};

// One of these must, or may, stand there; each is one node or several that go together.
struct Alternatives {
    bool wanted = false;
    std::vector<std::vector<std::string>> of;
};

struct Reference {
    std::string description;                   // whole sentences
    std::string type;                          // of a leaf or leaf-list: "1 to 4094", "576 to 9216 bytes", "address-match"
    std::string usual;                         // the default value, or empty
    bool mandatory = false;                    // a leaf that its parent cannot be without
    std::optional<std::uint32_t> at_most;      // entries of a list, values of a leaf-list
    std::vector<NamedValue> names;             // of an enumeration those that have a description
    std::vector<const SchemaNode*> refers_to;  // keys of lists, of which its value must be one
    std::vector<std::string> demands;          // what else is refused, as the error says it
    std::vector<Alternatives> alternatives;    // among its children
};

Reference reference_of(const SchemaNode& node);

// The kinds of text that types are named after, in the schema's order: "address-match", and what that is.
std::vector<NamedValue> kinds_of_text();

}  // namespace hairpin::config
