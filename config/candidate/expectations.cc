#include "config/candidate/expectations.h"

#include <algorithm>
#include <unordered_set>

#include "config/candidate/edits.h"
#include "config/candidate/value.h"
#include "config/wanted.h"
#include "net/numbers.h"

namespace hairpin::config {

namespace {

using Kind = SchemaNode::Kind;
using Purpose = Candidate::Purpose;

// Visits the nodes of one kind wherever they stand.
template <class Visit>
void for_each_of(const Node& node, const SchemaNode& wanted, Visit&& visit) {
    if (node.schema == &wanted) return visit(node);
    for (const auto& instances : node.instances)
        for (const auto& child : instances->nodes()) for_each_of(*child, wanted, visit);
}

// Every leaf, and every value of a leaf-list.
template <class Visit>
void for_each_leaf(const Node& node, Visit&& visit) {
    if (!node.schema->has_children()) return visit(node);
    for (const auto& instances : node.instances)
        for (const auto& child : instances->nodes()) for_each_leaf(*child, visit);
}

// What an entry is for, in its owner's words.
std::string purpose_of(const Node& entry) {
    for (const char* name : {"name", "description"})
        if (const SchemaNode* leaf = entry.schema->child(name))
            if (const Node* node = entry.find(*leaf, {})) return node->values.front();
    return entry.comment;
}

class Expectations {
public:
    Expectations(const Node& top, Purpose purpose) : top_(top), purpose_(purpose) {}

    std::vector<Expected> after(const Reading& reading) {
        if (reading.error || reading.brackets == Reading::Brackets::closed) return {};
        if (reading.steps.empty() || reading.steps.back().is_inner()) {
            keywords(reading.schema(schema_top()), node_at(reading.steps));
        } else if (reading.schema(schema_top()).kind == Kind::list) {
            keys(reading.steps);
        } else if (purpose_ != Purpose::edit) {
            values(reading);
        }
        return std::move(found_);
    }

private:
    bool knows_only_what_is_there() const { return purpose_ == Purpose::remove || purpose_ == Purpose::show; }

    const Node* node_at(std::span<const Step> steps) const {
        const auto nodes = find_all(top_, steps);
        return nodes.size() == 1 ? nodes.front() : nullptr;
    }

    void add(Expected one) {
        if (words_.insert(one.word).second) found_.push_back(std::move(one));
    }

    void keywords(const SchemaNode& schema, const Node* node) {
        for (const auto& child : schema.children) {
            if (purpose_ == Purpose::edit && !child->has_children()) continue;
            if (knows_only_what_is_there() && (node == nullptr || node->instances_of(*child) == nullptr)) continue;
            add({child->name, child->description + (is_missing(*child, node) ? demand_of(*child) : "")});
        }
    }

    // Whether a commit would be refused because nothing of its kind is there.
    bool is_missing(const SchemaNode& child, const Node* node) const {
        if (purpose_ != Purpose::set || !child.mandatory) return false;
        return node == nullptr || std::none_of(node->instances.begin(), node->instances.end(), [&](const auto& instances) {
                   return &instances->schema() == &child || instances->schema().excludes(child);
               });
    }
    static std::string demand_of(const SchemaNode& child) {
        const auto names = child.alternative_names();
        return names.size() == 1 ? " (mandatory)" : " (one of " + joined(names, " and ") + " is mandatory)";
    }

    void keys(const std::vector<Step>& steps) {
        const Step& step = steps.back();
        const std::size_t next = step.values.size();
        const SchemaNode& key = *step.schema->keys[next];
        const auto names = names_of(key);
        for (const Node* entry : find_all(top_, steps)) {
            const std::string& value = entry->values[next];
            const auto name = std::find_if(names.begin(), names.end(), [&](const Expected& one) { return one.word == value; });
            const bool is_last = next + 1 == entry->values.size();
            add({value, name != names.end() ? name->description : is_last ? purpose_of(*entry) : ""});
        }
        if (knows_only_what_is_there()) return;
        if (step.schema->keys.size() == 1) next_number(key, find_all(top_, steps));
        new_values(key);
        describe_placeholders_by(key);
    }

    // An entry that is numbered gets the number behind the greatest.
    void next_number(const SchemaNode& key, const std::vector<const Node*>& entries) {
        const auto range = first_range_of(key);
        if (!range) return;
        std::uint64_t next = range->least;
        for (const Node* entry : entries)
            if (const auto number = parse_number(entry->values.front(), range->most); number && *number >= next)
                next = *number + 1;
        if (next <= range->most) add({std::to_string(next), "A new one"});
    }

    // Of a key nothing has been said yet when its value is typed. A range of numbers the placeholder itself shows.
    void describe_placeholders_by(const SchemaNode& key) {
        const bool shown = first_range_of(key).has_value();
        for (Expected& one : found_)
            if (one.is_value) one.description = shown ? key.description : key.description + ": " + one.description;
    }

    void values(const Reading& reading) {
        const Step& step = reading.steps.back();
        const SchemaNode& leaf = *step.schema;
        if (leaf.kind == Kind::leaf && !step.values.empty()) return;
        if (knows_only_what_is_there()) {
            if (purpose_ == Purpose::show) return;
            auto all = reading.steps;
            all.back().values.clear();
            for (const Node* node : find_all(top_, all))
                if (!is_given(step, node->values.front())) add({node->values.front(), ""});
            if (leaf.kind == Kind::leaf_list) rest_of_list(reading);
            return;
        }
        new_values(leaf);
        values_in_use(leaf);
        std::erase_if(found_, [&](const Expected& one) { return !one.is_value && is_given(step, one.word); });
        if (leaf.kind == Kind::leaf_list) rest_of_list(reading);
    }

    static bool is_given(const Step& step, const std::string& value) {
        return std::find(step.values.begin(), step.values.end(), value) != step.values.end();
    }

    void rest_of_list(const Reading& reading) {
        const bool is_first = reading.steps.back().values.empty();
        if (reading.brackets == Reading::Brackets::none && is_first) add({"[", "Begin a list of values"});
        if (reading.brackets == Reading::Brackets::open && !is_first) add({"]", "End the list"});
    }

    // Names of an enumeration, what a reference may refer to, and placeholders.
    void new_values(const SchemaNode& leaf) {
        for (Expected& name : names_of(leaf)) add(std::move(name));
        for (const SchemaNode* target : references_of(leaf))
            for_each_of(top_, *target->parent, [&](const Node& entry) {
                add({entry.values[target->position], purpose_of(entry)});
            });
        for (Expected& placeholder : placeholders_of(leaf)) add(std::move(placeholder));
    }

    // Before the placeholders stands nothing that is not certain; after them what is used elsewhere.
    void values_in_use(const SchemaNode& leaf) {
        const auto types = exemplified_types_of(leaf);
        if (types.empty()) return;
        std::size_t offered = 0;
        for_each_leaf(top_, [&](const Node& node) {
            if (offered == kMostInUse || words_.contains(node.values.front())) return;
            const auto others = exemplified_types_of(*node.schema);
            if (std::find_first_of(types.begin(), types.end(), others.begin(), others.end()) == types.end()) return;
            if (!names_has(*node.schema, node.values.front())) {
                add({node.values.front(), "As " + place_of(node)});
                ++offered;
            }
        });
    }

    // "gateway interface lan address": which setting has the value.
    static std::string place_of(const Node& node) {
        std::string place;
        for (const std::string& word : node.parent->path()) place += word + " ";
        return place + node.schema->name;
    }

    // Whether a value is one of its type's names, such as interface, and no text.
    static bool names_has(const SchemaNode& leaf, const std::string& value) {
        const auto names = names_of(leaf);
        return std::any_of(names.begin(), names.end(), [&](const Expected& name) { return name.word == value; });
    }

    const Node& top_;
    Purpose purpose_;
    std::vector<Expected> found_;
    std::unordered_set<std::string> words_;
};

}  // namespace

std::vector<Expected> expected_after(const Node& top, std::span<const Token> words, Purpose purpose) {
    return Expectations{top, purpose}.after(read_path(words));
}

bool may_end(const Node& top, std::span<const Token> words, Purpose purpose) {
    const Reading reading = read_path(words);
    if (reading.error) return false;
    switch (purpose) {
        case Purpose::set: return is_settable(reading);
        case Purpose::remove:
        case Purpose::show: {
            const bool is_whole = reading.steps.empty() || reading.steps.back().schema->kind != Kind::list ||
                                  reading.steps.back().values.empty() || reading.steps.back().is_entry();
            if (reading.steps.empty()) return purpose == Purpose::show;
            return is_whole && reading.brackets != Reading::Brackets::open && !find_all(top, reading.steps).empty();
        }
        case Purpose::edit: return reading.steps.empty() || reading.steps.back().is_inner();
    }
    return false;
}

}  // namespace hairpin::config
