#include "config/candidate/reference.h"

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <algorithm>
#include <limits>
#include <span>

#include "config/candidate/value.h"
#include "config/schema.h"
#include "config/wanted.h"

namespace hairpin::config {

namespace {

// libyang's arrays know their own length.
template <class T>
std::span<T> span_of(T* array) {
    return {array, static_cast<std::size_t>(LY_ARRAY_COUNT(array))};
}

// In one line, as the module's text has it in several.
std::string whole(const char* description) {
    std::string text;
    for (const char c : std::string_view{description != nullptr ? description : ""}) {
        const bool space = c == ' ' || c == '\n';
        if (!space || (!text.empty() && text.back() != ' ')) text += space ? ' ' : c;
    }
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

const lysc_type_str* as_text(const lysc_type* type) {
    return type->basetype == LY_TYPE_STRING ? reinterpret_cast<const lysc_type_str*>(type) : nullptr;
}

std::span<const lysp_tpdf> typedefs() {
    return span_of(ly_ctx_get_module_implemented(Schema::hairpin().context(), "hairpin")->parsed->typedefs);
}

// Whether `type` is `base`, perhaps with further patterns or another length.
bool derives_from(const lysc_type_str& type, const lysc_type_str& base) {
    const auto patterns = span_of(type.patterns), first = span_of(base.patterns);
    return first.size() <= patterns.size() &&
           std::equal(first.begin(), first.end(), patterns.begin(), [](const lysc_pattern* one, const lysc_pattern* other) {
               return std::string_view{one->expr} == other->expr && whole(one->dsc) == whole(other->dsc);
           });
}

// The type definition that a text's type is made of, or nullptr.
const lysp_tpdf* named(const lysc_type_str& type) {
    for (const lysp_tpdf& definition : typedefs()) {
        const lysc_type_str* base = definition.type.compiled == nullptr ? nullptr : as_text(definition.type.compiled);
        if (base != nullptr && derives_from(type, *base)) return &definition;
    }
    return nullptr;
}

// What its first pattern wants is its kind; what further ones want, see below.
std::string kind_of_text(const lysc_type_str& type) {
    if (const lysp_tpdf* definition = named(type)) return definition->name;
    return LY_ARRAY_COUNT(type.patterns) > 0 ? whole(type.patterns[0]->dsc) : "text";
}

std::string text_in_words(const lysc_type_str& type) {
    std::string words = kind_of_text(type);
    const lysp_tpdf* definition = named(type);
    if (type.length != nullptr && (definition == nullptr || as_text(definition->type.compiled)->length == nullptr))
        for (const auto& part : span_of(type.length->parts))
            words += fmt::format(", {} to {} characters", part.min_u64, part.max_u64);
    return words;
}

void add_in_words(const lysc_type* type, std::vector<std::string>& words) {
    if (const lysc_type_str* text = as_text(type)) return words.push_back(text_in_words(*text));
    if (type->basetype != LY_TYPE_UNION) {
        const auto all = wanted(type);
        words.insert(words.end(), all.begin(), all.end());
        return;
    }
    for (const lysc_type* alternative : span_of(reinterpret_cast<const lysc_type_union*>(type)->types))
        add_in_words(alternative, words);
}

std::string in_words(const SchemaNode& leaf) {
    std::vector<std::string> words;
    add_in_words(type_of(leaf), words);
    std::string text = joined(words, " or ");
    if (const char* units = units_of(leaf)) text += fmt::format(" {}", units);
    return text;
}

// What a leaf's own patterns want beyond the kind of text that it is.
std::vector<std::string> further_patterns(const lysc_type* type) {
    std::vector<std::string> wants;
    const lysc_type_str* text = as_text(type);
    if (text == nullptr) return wants;
    const lysp_tpdf* definition = named(*text);
    const std::size_t told = definition == nullptr ? 1 : LY_ARRAY_COUNT(as_text(definition->type.compiled)->patterns);
    const auto patterns = span_of(text->patterns);
    for (const lysc_pattern* pattern : patterns.subspan(std::min<std::size_t>(told, patterns.size())))
        if (pattern->dsc != nullptr) wants.push_back("wants " + whole(pattern->dsc));
    return wants;
}

void add_names(const lysc_type* type, std::vector<NamedValue>& names) {
    if (type->basetype == LY_TYPE_UNION)
        for (const lysc_type* alternative : span_of(reinterpret_cast<const lysc_type_union*>(type)->types))
            add_names(alternative, names);
    if (type->basetype != LY_TYPE_ENUM) return;
    for (const auto& name : span_of(reinterpret_cast<const lysc_type_enum*>(type)->enums))
        if (name.dsc != nullptr) names.push_back({name.name, whole(name.dsc)});
}

void describe_leaf(const SchemaNode& leaf, Reference& reference) {
    reference.type = in_words(leaf);
    reference.usual = default_of(leaf);
    reference.mandatory = (leaf.yang->flags & LYS_MAND_TRUE) != 0;
    reference.refers_to = references_of(leaf);
    add_names(type_of(leaf), reference.names);
    reference.demands = further_patterns(type_of(leaf));
}

std::optional<std::uint32_t> limit(std::uint32_t most) {
    return most == 0 || most == std::numeric_limits<std::uint32_t>::max() ? std::nullopt : std::optional{most};
}

// The choices between a node and its children, each case with the names in it.
std::vector<Alternatives> alternatives_below(const SchemaNode& node) {
    std::vector<Alternatives> result;
    std::vector<const lysc_node*> choices, cases;  // the last of result, and of its alternatives
    for (const auto& child : node.children) {
        for (const SchemaNode::Alternative& one : child->alternatives) {
            if (choices.empty() || choices.back() != one.choice) {
                choices.push_back(one.choice);
                result.push_back({(one.choice->flags & LYS_MAND_TRUE) != 0, {}});
            }
            if (cases.empty() || cases.back() != one.of_it) {
                cases.push_back(one.of_it);
                result.back().of.emplace_back();
            }
            result.back().of.back().push_back(child->name);
        }
    }
    return result;
}

}  // namespace

Reference reference_of(const SchemaNode& node) {
    Reference reference;
    reference.description = whole(node.yang->dsc);
    switch (node.kind) {
        case SchemaNode::Kind::leaf: describe_leaf(node, reference); break;
        case SchemaNode::Kind::leaf_list:
            describe_leaf(node, reference);
            reference.at_most = limit(reinterpret_cast<const lysc_node_leaflist*>(node.yang)->max);
            break;
        case SchemaNode::Kind::list: reference.at_most = limit(reinterpret_cast<const lysc_node_list*>(node.yang)->max); break;
        case SchemaNode::Kind::container:
        case SchemaNode::Kind::presence_container: break;
    }
    for (const lysc_must& must : span_of(lysc_node_musts(node.yang)))
        if (must.emsg != nullptr) reference.demands.push_back(whole(must.emsg));
    reference.alternatives = alternatives_below(node);
    return reference;
}

std::vector<NamedValue> kinds_of_text() {
    std::vector<NamedValue> kinds;
    for (const lysp_tpdf& definition : typedefs())
        if (definition.type.compiled != nullptr && as_text(definition.type.compiled) != nullptr)
            kinds.push_back({definition.name, whole(definition.dsc)});
    return kinds;
}

}  // namespace hairpin::config
