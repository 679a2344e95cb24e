#pragma once
// Words read as a path into the schema: gateway firewall rule 3 action drop -> gateway, firewall, rule [3], action [drop].

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/candidate/candidate.h"
#include "config/candidate/schema_tree.h"
#include "config/candidate/tree.h"
#include "config/candidate/words.h"

namespace hairpin::config {

// One word of the schema with what follows it: an entry's keys, a leaf's value, values of a leaf-list.
struct Step {
    const SchemaNode* schema;
    std::vector<std::string> values;            // canonical
    std::size_t word;                           // index of its name
    std::vector<std::size_t> value_words = {};  // of each value

    bool is_entry() const { return schema->kind == SchemaNode::Kind::list && values.size() == schema->keys.size(); }
    // An entry with all its keys, or a container: other words may follow.
    bool is_inner() const { return schema->has_children() && (schema->kind != SchemaNode::Kind::list || is_entry()); }
    std::size_t last_word() const { return value_words.empty() ? word : value_words.back(); }
    std::vector<std::string> words() const;  // in full
};

// As far as the words can be read: all of them unless there is an error.
struct Reading {
    enum class Brackets : std::uint8_t { none, open, closed };

    std::vector<Step> steps;  // only the last may lack keys or values
    Brackets brackets = Brackets::none;
    std::optional<EditError> error;  // without what is expected

    const SchemaNode& schema(const SchemaNode& from) const { return steps.empty() ? from : *steps.back().schema; }
};

Reading read_path(std::span<const Token> words, const SchemaNode& from = schema_top());
// Words that were typed, none of which is told to have been in quotes.
std::vector<Token> tokens_of(Words words);

// "rule wants its id", of a step that may not end where it does.
EditError missing_after(const Step& step, std::size_t words);
tl::unexpected<EditError> wrong_word(std::size_t word, std::string message);

// The node that a path leads to: a container, an entry, a leaf, or the one value of a leaf-list that is given. Where it is not there,
// the error says from which step on.
tl::expected<const Node*, EditError> find_node(const Node& from, const std::vector<Step>& steps);
// All that a path means, each beside the other: of a list without keys every entry, of a leaf-list every value, or those that are given.
// Empty where the path leads nowhere, or one of several values is not there.
std::vector<const Node*> find_all(const Node& from, std::span<const Step> steps);

}  // namespace hairpin::config
