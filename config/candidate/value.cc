#include "config/candidate/value.h"

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <algorithm>
#include <memory>

#include "config/schema.h"
#include "config/wanted.h"
#include "net/result.h"

namespace hairpin::config {

namespace {

ly_ctx* context() { return Schema::hairpin().context(); }

// The type itself, or each of a union's.
template <class Visit>
void for_each_alternative(const lysc_type* type, Visit&& visit) {
    if (type->basetype != LY_TYPE_UNION) return visit(type);
    const auto* alternatives = reinterpret_cast<const lysc_type_union*>(type)->types;
    for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(alternatives); ++i) for_each_alternative(alternatives[i], visit);
}

// C0 with DEL, and C1, which are the bytes c2 80 to c2 9f.
bool has_control_characters(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
        if (byte(i) < 0x20 || byte(i) == 0x7f) return true;
        if (byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0) return true;
    }
    return false;
}

// What libyang answers about a value: the type that took it, with the text as that type writes it, or a complaint.
struct Verdict {
    const lysc_type* type = nullptr;
    std::string canonical;
    std::string complaint;
};

std::string last_complaint() {
    const ly_err_item* first = ly_err_first(context());
    std::string text = first != nullptr && first->prev->msg != nullptr ? first->prev->msg : "";  // the list is a ring backwards
    if (text.ends_with('.')) text.pop_back();
    ly_err_clean(context(), nullptr);
    return text;
}

Verdict judge(const SchemaNode& leaf, std::string_view text) {
    Verdict verdict;
    const char* canonical = nullptr;
    ly_err_clean(context(), nullptr);
    const LY_ERR answer = lyd_value_validate(context(), leaf.yang, text.data(), text.size(), nullptr, &verdict.type, &canonical);
    if (answer == LY_SUCCESS || answer == LY_EINCOMPLETE) {  // incomplete: what it refers to has not been looked for
        verdict.canonical = canonical;
    } else {
        verdict.type = nullptr;
        verdict.complaint = last_complaint();
    }
    if (canonical != nullptr) lydict_remove(context(), canonical);
    return verdict;
}

// "an address with the length of its subnet, as 192.0.2.1/24" -> 192.0.2.1/24
std::string example_of(const lysc_type* type) {
    if (type->basetype != LY_TYPE_STRING) return {};
    const auto* patterns = reinterpret_cast<const lysc_type_str*>(type)->patterns;
    for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(patterns); ++i) {
        constexpr std::string_view kAs = " as ";
        const std::string text = patterns[i]->dsc != nullptr ? patterns[i]->dsc : "";
        const auto as = text.rfind(kAs);
        if (as == std::string::npos) continue;
        std::string example = text.substr(as + kAs.size());
        std::erase(example, '"');
        if (example.find(' ') == std::string::npos) return example;
    }
    return {};
}

std::string ranges_of(const lysc_type* type) {
    const auto* range = reinterpret_cast<const lysc_type_num*>(type)->range;
    if (range == nullptr) return {};
    std::string text;
    for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(range->parts); ++i)
        text += fmt::format("{}{}..{}", i > 0 ? "|" : "", range->parts[i].min_u64, range->parts[i].max_u64);
    return text;
}

// Between < and >; empty for what has names.
std::string placeholder_word(const lysc_type* type, const SchemaNode& leaf) {
    switch (type->basetype) {
        case LY_TYPE_ENUM:
        case LY_TYPE_BOOL: return {};
        case LY_TYPE_LEAFREF: {
            const std::string path = lyxp_get_expr(reinterpret_cast<const lysc_type_leafref*>(type)->path);
            return referred_list(path);
        }
        case LY_TYPE_UINT8:
        case LY_TYPE_UINT16:
        case LY_TYPE_UINT32: {
            const std::string ranges = ranges_of(type);
            return !ranges.empty() ? ranges : type->basetype == LY_TYPE_UINT8 ? "0..255" : leaf.name;
        }
        default: {
            const std::string example = example_of(type);
            return example.empty() ? leaf.name : example;
        }
    }
}

// Of a text what its first pattern wants; what else is wrong with it, an error says.
std::string in_short(const lysc_type* type) {
    if (type->basetype == LY_TYPE_STRING) {
        const auto* patterns = reinterpret_cast<const lysc_type_str*>(type)->patterns;
        if (LY_ARRAY_COUNT(patterns) > 0 && patterns[0]->dsc != nullptr) return patterns[0]->dsc;
    }
    return joined(wanted(type), " or ");
}

std::string placeholder_description(const lysc_type* type, const SchemaNode& leaf) {
    std::string text = in_short(type);
    if (const char* units = units_of(leaf)) text += fmt::format(" {}", units);
    if (const std::string usual = default_of(leaf); !usual.empty()) text += fmt::format("; {} where it is not set", usual);
    return text;
}

const SchemaNode* find_by_yang(const SchemaNode& from, const lysc_node* yang) {
    if (from.yang == yang) return &from;
    for (const auto* family : {&from.keys, &from.children})
        for (const auto& child : *family)
            if (const SchemaNode* found = find_by_yang(*child, yang)) return found;
    return nullptr;
}

const SchemaNode* target_of(const SchemaNode& leaf, const lysc_type* reference) {
    const char* path = lyxp_get_expr(reinterpret_cast<const lysc_type_leafref*>(reference)->path);
    ly_set* steps = nullptr;
    ensure(lys_find_xpath_atoms(context(), leaf.yang, path, 0, &steps) == LY_SUCCESS && steps->count > 0);
    const lysc_node* last = steps->snodes[steps->count - 1];
    ly_set_free(steps, nullptr);
    return find_by_yang(schema_top(), last);
}

}  // namespace

const lysc_type* type_of(const SchemaNode& leaf) {
    return leaf.kind == SchemaNode::Kind::leaf ? reinterpret_cast<const lysc_node_leaf*>(leaf.yang)->type
                                               : reinterpret_cast<const lysc_node_leaflist*>(leaf.yang)->type;
}

const char* units_of(const SchemaNode& leaf) {
    return leaf.kind == SchemaNode::Kind::leaf ? reinterpret_cast<const lysc_node_leaf*>(leaf.yang)->units
                                               : reinterpret_cast<const lysc_node_leaflist*>(leaf.yang)->units;
}

std::string default_of(const SchemaNode& leaf) {
    if (leaf.kind != SchemaNode::Kind::leaf) return {};
    const lyd_value* value = reinterpret_cast<const lysc_node_leaf*>(leaf.yang)->dflt;
    return value != nullptr ? lyd_value_get_canonical(context(), value) : "";
}

tl::expected<std::string, std::string> canonical_value(const SchemaNode& leaf, std::string_view text, Spelling spelling) {
    if (has_control_characters(text)) return tl::unexpected(std::string{"the value has control characters"});
    const Verdict verdict = judge(leaf, text);
    if (verdict.type != nullptr) return verdict.canonical;
    if (spelling == Spelling::abbreviated && !text.empty()) {
        std::vector<std::string> meant;
        for (const Expected& name : names_of(leaf))
            if (name.word.starts_with(text)) meant.push_back(name.word);
        if (meant.size() == 1) return meant.front();
        if (meant.size() > 1) return tl::unexpected(fmt::format("{} is ambiguous: {}", in_quotes(text), joined(meant, " or ")));
    }
    std::string reason =
        fmt::format("{} will not do: wants {}", in_quotes(text), joined(wanted(type_of(leaf), verdict.complaint), " or "));
    if (const char* units = units_of(leaf)) reason += fmt::format(" {}", units);
    return tl::unexpected(std::move(reason));
}

tl::expected<void, std::string> check_annotation(const std::string& text) {
    lyd_node* node = nullptr;  // only there for the annotation to stand on
    const lys_module* module = ly_ctx_get_module_implemented(context(), "hairpin");
    ensure(lyd_new_inner(nullptr, module, schema_top().children.front()->name.c_str(), 0, &node) == LY_SUCCESS);
    const std::unique_ptr<lyd_node, void (*)(lyd_node*)> owner{node, lyd_free_tree};
    ly_err_clean(context(), nullptr);
    if (!has_control_characters(text) && lyd_new_meta(context(), node, module, "comment", text.c_str(), 0, nullptr) == LY_SUCCESS)
        return {};
    ly_err_clean(context(), nullptr);
    return tl::unexpected(
        std::string{"an annotation is one line of 1 to 1000 characters, without control characters and without */"});
}

JsonForm json_form_of(const SchemaNode& leaf, const std::string& canonical) {
    const Verdict verdict = judge(leaf, canonical);
    ensure(verdict.type != nullptr);
    switch (verdict.type->basetype) {
        case LY_TYPE_BOOL:
        case LY_TYPE_INT8:
        case LY_TYPE_INT16:
        case LY_TYPE_INT32:
        case LY_TYPE_UINT8:
        case LY_TYPE_UINT16:
        case LY_TYPE_UINT32: return JsonForm::bare;
        default: return JsonForm::string;
    }
}

std::vector<Expected> names_of(const SchemaNode& leaf) {
    std::vector<Expected> names;
    for_each_alternative(type_of(leaf), [&](const lysc_type* type) {
        if (type->basetype == LY_TYPE_BOOL) names.insert(names.end(), {{"true", ""}, {"false", ""}});
        if (type->basetype != LY_TYPE_ENUM) return;
        const auto* enums = reinterpret_cast<const lysc_type_enum*>(type)->enums;
        for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(enums); ++i)
            names.push_back({enums[i].name, first_sentence(enums[i].dsc)});
    });
    return names;
}

std::vector<Expected> placeholders_of(const SchemaNode& leaf) {
    std::vector<Expected> result;
    for_each_alternative(type_of(leaf), [&](const lysc_type* type) {
        if (const std::string word = placeholder_word(type, leaf); !word.empty())
            result.push_back({"<" + word + ">", placeholder_description(type, leaf), true});
    });
    return result;
}

std::optional<NumberRange> first_range_of(const SchemaNode& leaf) {
    const lysc_type* type = type_of(leaf);
    if (type->basetype != LY_TYPE_UINT8 && type->basetype != LY_TYPE_UINT16 && type->basetype != LY_TYPE_UINT32)
        return std::nullopt;
    const lysc_range* range = reinterpret_cast<const lysc_type_num*>(type)->range;
    if (range == nullptr) return std::nullopt;
    return NumberRange{range->parts[0].min_u64, range->parts[0].max_u64};
}

std::vector<const SchemaNode*> references_of(const SchemaNode& leaf) {
    std::vector<const SchemaNode*> targets;
    for_each_alternative(type_of(leaf), [&](const lysc_type* type) {
        if (type->basetype == LY_TYPE_LEAFREF) targets.push_back(target_of(leaf, type));
    });
    return targets;
}

std::vector<const lysc_type*> exemplified_types_of(const SchemaNode& leaf) {
    std::vector<const lysc_type*> types;
    for_each_alternative(type_of(leaf), [&](const lysc_type* type) {
        if (!example_of(type).empty()) types.push_back(type);
    });
    return types;
}

}  // namespace hairpin::config
