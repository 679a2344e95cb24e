#include "config/candidate/schema_tree.h"

#include <libyang/libyang.h>

#include <algorithm>

#include "config/schema.h"
#include "net/result.h"

namespace hairpin::config {

namespace {

SchemaNode::Kind kind_of(const lysc_node* node) {
    switch (node->nodetype) {
        case LYS_CONTAINER:
            return (node->flags & LYS_PRESENCE) != 0 ? SchemaNode::Kind::presence_container : SchemaNode::Kind::container;
        case LYS_LIST: return SchemaNode::Kind::list;
        case LYS_LEAF: return SchemaNode::Kind::leaf;
        case LYS_LEAFLIST: return SchemaNode::Kind::leaf_list;
        default: unreachable_because("the shell has words for every kind of node");
    }
}

std::vector<SchemaNode::Alternative> alternatives_of(const lysc_node* node) {
    std::vector<SchemaNode::Alternative> result;
    for (const lysc_node* above = node->parent; above != nullptr && (above->nodetype & (LYS_CASE | LYS_CHOICE)) != 0;
         above = above->parent)
        if (above->nodetype == LYS_CASE) result.push_back({above->parent, above});
    return result;
}

bool is_mandatory(const lysc_node* node, const std::vector<SchemaNode::Alternative>& alternatives) {
    const auto must_be = [](const lysc_node* any) { return (any->flags & LYS_MAND_TRUE) != 0; };
    if (alternatives.empty()) return node->nodetype == LYS_LEAF && must_be(node);
    return std::all_of(alternatives.begin(), alternatives.end(), [&](const auto& each) { return must_be(each.choice); });
}

void add_children(SchemaNode& parent, const lysc_module* module) {
    const lysc_node* node = nullptr;
    while ((node = lys_getnext(node, parent.yang, module, 0)) != nullptr) {
        if ((node->flags & LYS_CONFIG_W) == 0) continue;
        const bool is_key = (node->flags & LYS_KEY) != 0;
        auto& family = is_key ? parent.keys : parent.children;
        auto child = std::make_unique<SchemaNode>();
        child->name = node->name;
        child->description = first_sentence(node->dsc);
        child->kind = kind_of(node);
        child->ordered_by_user = child->is_repeated() && (node->flags & LYS_ORDBY_USER) != 0;
        child->parent = &parent;
        child->position = family.size();
        child->yang = node;
        child->alternatives = alternatives_of(node);
        child->mandatory = is_mandatory(node, child->alternatives);
        if (child->has_children()) add_children(*child, module);
        ensure(child->kind != SchemaNode::Kind::list || !child->keys.empty());  // else its entries could not be told apart
        family.push_back(std::move(child));
    }
}

}  // namespace

// A full stop ends a sentence when a capital letter follows, as "802.1D" and "e.g." do not.
std::string first_sentence(const char* description) {
    std::string text;
    for (const char c : std::string_view{description != nullptr ? description : ""}) {
        const bool space = c == ' ' || c == '\n';
        if (!space && text.ends_with(". ") && c >= 'A' && c <= 'Z') break;
        if (!space || !text.ends_with(' ')) text += space ? ' ' : c;
    }
    while (text.ends_with(' ') || text.ends_with('.')) text.pop_back();
    return text;
}

const SchemaNode* SchemaNode::child(std::string_view exact_name) const {
    const auto found = std::find_if(children.begin(), children.end(), [&](const auto& node) { return node->name == exact_name; });
    return found == children.end() ? nullptr : found->get();
}

std::vector<const SchemaNode*> SchemaNode::children_like(std::string_view abbreviation) const {
    if (const SchemaNode* exact = child(abbreviation)) return {exact};
    std::vector<const SchemaNode*> result;
    for (const auto& node : children)
        if (!abbreviation.empty() && node->name.starts_with(abbreviation)) result.push_back(node.get());
    return result;
}

bool SchemaNode::excludes(const SchemaNode& sibling) const {
    return std::any_of(alternatives.begin(), alternatives.end(), [&](const Alternative& mine) {
        return std::any_of(sibling.alternatives.begin(), sibling.alternatives.end(),
                           [&](const Alternative& other) { return mine.choice == other.choice && mine.of_it != other.of_it; });
    });
}

std::vector<std::string> SchemaNode::alternative_names() const {
    std::vector<std::string> names;
    for (const auto& sibling : parent->children)
        if (sibling.get() == this || excludes(*sibling)) names.push_back(sibling->name);
    return names;
}

const SchemaNode& schema_top() {
    static const std::unique_ptr<SchemaNode> top = [] {
        auto node = std::make_unique<SchemaNode>();
        add_children(*node, ly_ctx_get_module_implemented(Schema::hairpin().context(), "hairpin")->compiled);
        return node;
    }();
    return *top;
}

}  // namespace hairpin::config
