#include "manual/settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include "cli/choice.h"
#include "config/candidate/reference.h"

namespace hairpin::manual {

using config::Reference;
using config::SchemaNode;
using Kind = SchemaNode::Kind;

namespace {

std::string in_capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

// "gateway firewall rule", "gateway firewall rule ID": without and with the keys that are typed.
std::string path_of(const SchemaNode& node, bool with_keys) {
    if (node.parent == nullptr) return {};
    std::string path = path_of(*node.parent, with_keys);
    path += (path.empty() ? "" : " ") + node.name;
    if (with_keys)
        for (const auto& key : node.keys) path += " " + in_capitals(key->name);
    return path;
}

// How deep a heading is: that of `switch` is 2.
std::size_t depth_of(const SchemaNode& node) { return node.parent == nullptr ? 1 : depth_of(*node.parent) + 1; }

std::string in_backquotes(const std::string& text) { return "`" + text + "`"; }

std::string among(const config::Alternatives& alternatives) {
    std::vector<std::string> cases;
    for (const auto& names : alternatives.of) {
        std::string text;
        for (const std::string& name : names) text += (text.empty() ? "" : " with ") + in_backquotes(name);
        cases.push_back(text);
    }
    return (alternatives.wanted ? "One of these is wanted: " : "At most one of these: ") + cli::listed(cases) + ".";
}

void add_sentence(std::string& text, const std::string& sentence) { text += (text.empty() ? "" : " ") + sentence; }

std::string meaning_of(const Reference& reference) {
    std::string text = reference.description;
    for (const auto& name : reference.names) add_sentence(text, in_backquotes(name.name) + ": " + name.description);
    if (reference.at_most) add_sentence(text, "At most " + std::to_string(*reference.at_most) + ".");
    // In the words of the error, so that who has read it finds it here.
    std::string demands;
    for (const std::string& demand : reference.demands) demands += (demands.empty() ? "\"" : "; \"") + demand + "\"";
    if (!demands.empty()) add_sentence(text, "Otherwise refused: " + demands + ".");
    return text;
}

Entry entry_of(const SchemaNode& node, bool is_key) {
    const Reference reference = reference_of(node);
    Entry entry{node.name, {reference.type, reference.usual}, meaning_of(reference)};
    if (node.kind == Kind::leaf_list) entry.facts[0] = "list of: " + reference.type;
    if (is_key) entry.facts[0] += " (key)";
    if (reference.mandatory) entry.facts[0] += " (wanted)";
    if (node.has_children()) {
        entry.term += " ...";
        entry.meaning = node.description + ".";  // the rest stands where it is told in full
    }
    return entry;
}

void where_and_what(Markup& page, const SchemaNode& node) {
    const Reference reference = reference_of(node);
    page.usage("set " + path_of(node, true) + (node.children.empty() ? "" : " ..."));
    page.paragraph(meaning_of(reference));
    for (const auto& alternatives : reference.alternatives) page.paragraph(among(alternatives));
}

void table_of(Markup& page, const SchemaNode& node) {
    std::vector<Entry> entries;
    for (const auto& key : node.keys) entries.push_back(entry_of(*key, true));
    for (const auto& child : node.children) entries.push_back(entry_of(*child, false));
    static const auto kTitles = std::to_array<std::string>({"setting", "type", "default", "meaning"});
    page.entries(kTitles, entries);
}

}  // namespace

const SchemaNode* find_settings(std::string_view path) {
    const SchemaNode* node = &config::schema_top();
    std::istringstream words{std::string{path}};
    for (std::string word; node != nullptr && words >> word;) node = node->child(word);
    return node != nullptr && node->parent != nullptr && node->has_children() ? node : nullptr;
}

void settings(Markup& page, std::span<const SchemaNode* const> nodes, const SchemaNodes& elsewhere) {
    for (const SchemaNode* node : nodes) where_and_what(page, *node);
    table_of(page, *nodes.front());
    for (const auto& child : nodes.front()->children) {
        if (!child->has_children() || elsewhere.contains(child.get())) continue;
        page.heading(depth_of(*child), path_of(*child, false));
        const SchemaNode* only = child.get();
        settings(page, {&only, 1}, elsewhere);
    }
}

void all_settings(Markup& page) {
    for (const auto& top : config::schema_top().children) {
        page.heading(depth_of(*top), path_of(*top, false));
        const SchemaNode* only = top.get();
        settings(page, {&only, 1}, {});
    }
}

void kinds_of_text(Markup& page) {
    std::vector<Entry> rows;
    for (const auto& kind : config::kinds_of_text()) rows.push_back({kind.name, {}, kind.description});
    static const auto kTitles = std::to_array<std::string>({"kind", "what it is"});
    page.entries(kTitles, rows);
}

}  // namespace hairpin::manual
