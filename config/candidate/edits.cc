#include "config/candidate/edits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/candidate/value.h"

namespace hairpin::config {

namespace {

tl::unexpected<EditError> incomplete(const Reading& reading, std::size_t words) {
    if (reading.steps.empty()) return wrong_word(words, "a path is missing");
    if (reading.brackets == Reading::Brackets::open) return wrong_word(words, "] is missing");
    return tl::unexpected(missing_after(reading.steps.back(), words));
}

Node& set_last(Node& parent, const Step& step) {
    if (step.schema->kind == SchemaNode::Kind::leaf) {
        Node& leaf = parent.ensure_child(*step.schema, step.values);
        leaf.values = step.values;
        return leaf;
    }
    if (step.schema->kind != SchemaNode::Kind::leaf_list) return parent.ensure_child(*step.schema, step.values);
    for (const std::string& value : step.values) parent.ensure_child(*step.schema, {value});
    return *parent.find(*step.schema, {step.values.front()});
}

// Of an entry one, of a leaf-list one for each value.
std::vector<std::string> identities_of(const Step& step) {
    if (step.schema->kind == SchemaNode::Kind::list) return {identity_of(*step.schema, step.values)};
    std::vector<std::string> identities;
    for (const std::string& value : step.values) identities.push_back(identity_of(*step.schema, {value}));
    return identities;
}

// An entry of a list, or one value of a leaf-list, that is there.
Edit<Node*> existing_entry(Node& top, std::span<const Token> words) {
    const Reading reading = read_path(words);
    if (reading.error) return tl::unexpected(*reading.error);
    if (reading.steps.empty()) return wrong_word(words.size(), "a path is missing");
    const Step& last = reading.steps.back();
    if (!last.schema->is_repeated())
        return wrong_word(last.last_word(), fmt::format("{} is no entry of a list", last.schema->name));
    const std::size_t wanted = last.schema->kind == SchemaNode::Kind::list ? last.schema->keys.size() : 1;
    if (last.values.size() < wanted) return incomplete(reading, words.size());
    if (last.values.size() > wanted) return wrong_word(last.value_words[wanted], "one value at a time");
    const auto found = find_node(top, reading.steps);
    if (!found) return tl::unexpected(found.error());
    return const_cast<Node*>(*found);
}

// The identity of another instance of the same list: its keys or value, the same after the list's name, or a whole path beside `entry`.
Edit<std::vector<std::string>> sibling_values(const Node& entry, std::span<const Token> words) {
    const SchemaNode& schema = *entry.schema;
    const std::size_t wanted = entry.values.size();
    if (words.size() > wanted + 1) {
        const Reading reading = read_path(words);
        if (reading.error) return tl::unexpected(*reading.error);
        std::vector<std::string> before;
        for (std::size_t i = 0; i + 1 < reading.steps.size(); ++i)
            for (std::string& word : reading.steps[i].words()) before.push_back(std::move(word));
        if (&reading.schema(schema_top()) != &schema || before != entry.parent->path())
            return wrong_word(0, fmt::format("this is not beside {}", fmt::join(entry.path(), " ")));
        return reading.steps.back().values;
    }
    std::size_t next = 0;
    if (words.size() == wanted + 1) {
        if (words[0].text.empty() || !schema.name.starts_with(words[0].text))
            return wrong_word(0, fmt::format("wants {}", schema.name));
        next = 1;
    }
    std::vector<std::string> values;
    for (std::size_t i = 0; i < wanted; ++i, ++next) {
        const SchemaNode& leaf = schema.kind == SchemaNode::Kind::list ? *schema.keys[i] : schema;
        if (next == words.size()) return wrong_word(next, fmt::format("the {} is missing", leaf.name));
        auto value = canonical_value(leaf, words[next].text, Spelling::abbreviated);
        if (!value) return wrong_word(next, std::move(value.error()));
        values.push_back(std::move(*value));
    }
    return values;
}

tl::unexpected<EditError> after(std::span<const Token> first, EditError error) {
    error.word += first.size();
    return tl::unexpected(std::move(error));
}

// The keys that a new entry beside `entry` shall have.
Edit<std::vector<std::string>> new_keys(const Node& entry, std::span<const Token> from, std::span<const Token> to) {
    if (entry.schema->kind != SchemaNode::Kind::list)
        return wrong_word(from.size() - 1, fmt::format("{} is no list", entry.schema->name));
    auto keys = sibling_values(entry, to);
    if (!keys) return after(from, keys.error());
    if (keys->size() != entry.values.size()) return wrong_word(from.size() + to.size(), "a key is missing");
    if (entry.parent->find(*entry.schema, *keys) != nullptr)
        return wrong_word(from.size() + to.size() - 1,
                          fmt::format("{} {} is there already", entry.schema->name, fmt::join(*keys, " ")));
    return keys;
}

}  // namespace

bool is_settable(const Reading& reading) {
    if (reading.steps.empty() || reading.brackets == Reading::Brackets::open) return false;
    const Step& last = reading.steps.back();
    switch (last.schema->kind) {
        case SchemaNode::Kind::container: return false;
        case SchemaNode::Kind::presence_container: return true;
        case SchemaNode::Kind::list: return last.is_entry();
        case SchemaNode::Kind::leaf:
        case SchemaNode::Kind::leaf_list: return !last.values.empty();
    }
    return false;
}

Edit<Node*> set_node(Node& at, std::span<const Token> words) {
    const Reading reading = read_path(words, *at.schema);
    if (reading.error) return tl::unexpected(*reading.error);
    if (!is_settable(reading)) return incomplete(reading, words.size());
    Node* node = &at;
    for (std::size_t i = 0; i + 1 < reading.steps.size(); ++i)
        node = &node->ensure_child(*reading.steps[i].schema, reading.steps[i].values);
    return &set_last(*node, reading.steps.back());
}

Edit<void> set(Node& at, std::span<const Token> words) {
    if (auto done = set_node(at, words); !done) return tl::unexpected(std::move(done.error()));
    return {};
}

Edit<void> remove(Node& top, std::span<const Token> words) {
    Reading reading = read_path(words);
    if (reading.error) return tl::unexpected(*reading.error);
    if (reading.steps.empty() || reading.brackets == Reading::Brackets::open) return incomplete(reading, words.size());
    const Step last = reading.steps.back();
    reading.steps.pop_back();
    const auto found = find_node(top, reading.steps);
    if (!found) return tl::unexpected(found.error());
    Node& parent = *const_cast<Node*>(*found);
    const SchemaNode& schema = *last.schema;

    const Instances* instances = parent.instances_of(schema);
    if (instances == nullptr)
        return wrong_word(last.word, schema.is_repeated() ? "there is no " + schema.name : schema.name + " is not set");
    if (schema.kind == SchemaNode::Kind::list && !last.values.empty() && !last.is_entry())
        return tl::unexpected(missing_after(last, words.size()));
    if (last.values.empty() || schema.kind == SchemaNode::Kind::leaf) {
        const Node& first = *instances->nodes().front();
        if (!last.values.empty() && first.values != last.values)
            return wrong_word(last.last_word(), fmt::format("{} is {}", schema.name, quoted(first.values)));
        parent.remove_all(schema);
    } else {
        const bool several = schema.kind == SchemaNode::Kind::leaf_list;
        const auto identities = identities_of(last);
        for (std::size_t i = 0; i < identities.size(); ++i) {
            if (instances->find(identities[i]) != nullptr) continue;
            const auto absent = several ? std::vector{last.values[i]} : last.values;
            return wrong_word(several ? last.value_words[i] : last.last_word(),
                              fmt::format("there is no {} {}", schema.name, quoted(absent)));
        }
        for (const std::string& identity : identities)
            if (Node* node = instances != nullptr ? instances->find(identity) : nullptr) {  // a value may be named twice
                parent.release(*node);
                instances = parent.instances_of(schema);
            }
    }
    remove_empty_from(&parent);
    return {};
}

Edit<void> annotate(Node& top, std::span<const Token> words, const std::string& text) {
    const Reading reading = read_path(words);
    if (reading.error) return tl::unexpected(*reading.error);
    if (reading.steps.empty()) return wrong_word(words.size(), "a path is missing");
    const Step& last = reading.steps.back();
    if (last.schema->is_repeated()) {
        if (last.values.empty() || (last.schema->kind == SchemaNode::Kind::list && !last.is_entry()))
            return tl::unexpected(missing_after(last, words.size()));
        if (last.schema->kind == SchemaNode::Kind::leaf_list && last.values.size() > 1)
            return wrong_word(last.value_words[1], "one value at a time");
    }
    const auto found = find_node(top, reading.steps);
    if (!found) return tl::unexpected(found.error());
    if (!text.empty())
        if (auto good = check_annotation(text); !good) return wrong_word(words.size(), std::move(good.error()));
    const_cast<Node*>(*found)->comment = text;
    return {};
}

Edit<void> copy_entry(Node& top, std::span<const Token> from, std::span<const Token> to) {
    const auto entry = existing_entry(top, from);
    if (!entry) return tl::unexpected(entry.error());
    auto keys = new_keys(**entry, from, to);
    if (!keys) return tl::unexpected(std::move(keys.error()));
    auto copy = (*entry)->clone();
    copy->values = std::move(*keys);
    (*entry)->parent->adopt(std::move(copy));
    return {};
}

Edit<void> rename_entry(Node& top, std::span<const Token> from, std::span<const Token> to) {
    const auto entry = existing_entry(top, from);
    if (!entry) return tl::unexpected(entry.error());
    auto keys = new_keys(**entry, from, to);
    if (!keys) return tl::unexpected(std::move(keys.error()));
    (*entry)->parent->instances_of(*(*entry)->schema)->rename(**entry, std::move(*keys));
    return {};
}

Edit<void> insert(Node& top, std::span<const Token> words, bool before, std::span<const Token> other) {
    const auto found = existing_entry(top, words);
    if (!found) return tl::unexpected(found.error());
    Node& entry = **found;
    const SchemaNode& schema = *entry.schema;
    if (!schema.ordered_by_user) return wrong_word(words.size() - 1, fmt::format("the order of {} means nothing", schema.name));
    const auto values = sibling_values(entry, other);
    if (!values) return after(words, values.error());
    Instances& instances = *entry.parent->instances_of(schema);
    Node* mark = instances.find(identity_of(schema, *values));
    if (mark == nullptr)
        return wrong_word(words.size() + other.size() - 1,
                          fmt::format("there is no {} {}", schema.name, fmt::join(*values, " ")));
    if (mark == &entry) return {};
    auto moved = instances.take(entry);
    instances.add(std::move(moved), instances.position_of(*mark) + (before ? 0 : 1));
    return {};
}

}  // namespace hairpin::config
