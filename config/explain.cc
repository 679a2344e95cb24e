#include "config/explain.h"

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/data_path.h"
#include "config/locate.h"
#include "config/wanted.h"

namespace hairpin::config {

namespace {

constexpr std::string_view kTopLevel = "a configuration holds \"hairpin:switch\" and \"hairpin:gateway\"";

// libyang's error, taken apart: `Data location "/hairpin:switch/port[name='a']", line number 1.`
struct Complaint {
    std::string message;
    std::string path;  // of the node, or of the schema's node, that it is about

    bool says(std::string_view words) const { return message.find(words) != std::string::npos; }
    bool begins(std::string_view words) const { return message.starts_with(words); }
    // What stands between the first quote and the one that begins `until`; without it the last one.
    std::string quoted_in(std::string_view until = {}) const {
        const auto first = message.find('"');
        if (first == std::string::npos) return {};
        const auto end = until.empty() ? message.rfind('"') : message.find(until, first);
        return end == std::string::npos || end <= first ? std::string{} : message.substr(first + 1, end - first - 1);
    }
};

Complaint read_complaint(const ly_ctx* context) {
    const ly_err_item* first = ly_err_first(context);
    if (first == nullptr) return {"the document cannot be read", {}};
    const ly_err_item* last = first->prev;  // the list is a ring backwards
    Complaint complaint{last->msg != nullptr ? last->msg : "", {}};
    if (complaint.message.ends_with('.')) complaint.message.pop_back();
    const std::string_view where = last->path != nullptr ? last->path : "";
    const auto begin = where.find('/');
    if (begin == std::string_view::npos) return complaint;
    auto end = where.rfind(", line number ");
    if (end == std::string_view::npos) end = where.size() - (where.ends_with('.') ? 1 : 0);
    if (end > begin && where[end - 1] == '"') --end;
    complaint.path = where.substr(begin, end - begin);
    return complaint;
}

const lysc_node* find_schema(const ly_ctx* context, const std::string& path) {
    return path.empty() ? nullptr : lys_find_path(context, nullptr, without_keys(path).c_str(), 0);
}

// By a path of the schema, in which choices and cases are steps, too.
const lysc_node* find_with_choices(const ly_ctx* context, const std::string& path) {
    const lysc_node* level = ly_ctx_get_module_implemented(context, "hairpin")->compiled->data;
    const lysc_node* node = nullptr;
    for (const PathStep& step : steps_of(path)) {
        const std::string name = last_name_of(step.name);
        for (node = level; node != nullptr && name != node->name;) node = node->next;
        if (node == nullptr) return nullptr;
        level = lysc_node_child(node);
    }
    return node;
}

// "/hairpin:switch/port/tap/route": without choices and cases.
std::string path_of(const lysc_node* node) {
    const std::unique_ptr<char, void (*)(void*)> text{node == nullptr ? nullptr : lysc_path(node, LYSC_PATH_DATA, nullptr, 0),
                                                      &std::free};
    return text ? text.get() : "";
}

const lysc_type* type_of(const lysc_node* node) {
    if (node == nullptr) return nullptr;
    if (node->nodetype == LYS_LEAF) return reinterpret_cast<const lysc_node_leaf*>(node)->type;
    return node->nodetype == LYS_LEAFLIST ? reinterpret_cast<const lysc_node_leaflist*>(node)->type : nullptr;
}

const char* units_of(const lysc_node* node) {
    return node->nodetype == LYS_LEAF ? reinterpret_cast<const lysc_node_leaf*>(node)->units : nullptr;
}

// Whether a type has the pattern, or a length, that "Unsatisfied pattern - ... conform to "[a-z]*"" speaks of.
bool has_restriction(const lysc_type* type, const Complaint& complaint) {
    if (type == nullptr) return false;
    if (type->basetype == LY_TYPE_LEAFREF)
        return has_restriction(reinterpret_cast<const lysc_type_leafref*>(type)->realtype, complaint);
    if (type->basetype != LY_TYPE_STRING) return false;
    const auto* text = reinterpret_cast<const lysc_type_str*>(type);
    if (complaint.begins("Unsatisfied length")) return text->length != nullptr;
    for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(text->patterns); ++i)
        if (complaint.message.ends_with(fmt::format("\"{}\"", text->patterns[i]->expr))) return true;
    return false;
}

// Under `parent`; of its choice of this name, when one is given, only what is in it.
std::vector<std::string> names_under(const lysc_node* parent, std::string_view choice = {}) {
    std::vector<std::string> names;
    for (const lysc_node* node = nullptr; parent != nullptr && (node = lys_getnext(node, parent, nullptr, 0)) != nullptr;) {
        const lysc_node* above = node->parent;
        while (above != parent && above->nodetype != LYS_CHOICE) above = above->parent;
        if (choice.empty() || choice == above->name) names.emplace_back(node->name);
    }
    return names;
}

// Of the schema's node, the first instance that holds the condition: where something is missing, or is too much.
std::string instance(const lyd_node* tree, const std::string& schema_path, const std::string& condition) {
    ly_set* found = nullptr;
    if (tree == nullptr || lyd_find_xpath(tree, fmt::format("{}[{}]", schema_path, condition).c_str(), &found) != LY_SUCCESS)
        return schema_path;
    std::string path = schema_path;
    if (found->count > 0) {
        const std::unique_ptr<char, void (*)(void*)> text{lyd_path(found->dnodes[0], LYD_PATH_STD, nullptr, 0), &std::free};
        if (text) path = text.get();
    }
    ly_set_free(found, nullptr);
    return path;
}

// The mandatory leaf that a node, or the nearest one above it that lacks any, does not have.
std::optional<Error> missing_around(const lyd_node* tree, const std::string& path) {
    lyd_node* found = nullptr;
    if (tree == nullptr || path.empty() || lyd_find_path(tree, path.c_str(), 0, &found) != LY_SUCCESS) return std::nullopt;
    for (const lyd_node* node = found; node != nullptr; node = lyd_parent(node))
        for (const lysc_node* leaf = lysc_node_child(node->schema); leaf != nullptr; leaf = leaf->next) {
            if (leaf->nodetype != LYS_LEAF || (leaf->flags & LYS_MAND_TRUE) == 0) continue;
            if (lyd_find_sibling_val(lyd_child(node), leaf, nullptr, 0, nullptr) == LY_SUCCESS) continue;
            const std::unique_ptr<char, void (*)(void*)> place{lyd_path(node, LYD_PATH_STD, nullptr, 0), &std::free};
            return Error{fmt::format("\"{}\" is missing", leaf->name),
                         (place ? place.get() : path) + ("/" + std::string{leaf->name})};
        }
    return std::nullopt;
}

class Explanation {
public:
    Explanation(const ly_ctx* context, std::string_view text, const lyd_node* tree)
        : context_(context), text_(text), tree_(tree), complaint_(read_complaint(context)) {}

    Error error() const {
        if (complaint_.says("must be namespace-qualified")) return unknown_top(complaint_.quoted_in("\" must be"));
        if (complaint_.says("not found in the \"hairpin\" module")) return unknown_top(complaint_.quoted_in("\" not found"));
        if (complaint_.begins("No module named")) return unknown_top(complaint_.quoted_in("\" in the"));
        if (complaint_.begins("Expected top-level JSON object")) return Error{fmt::format("wants an object: {}", kTopLevel), "/"};
        if (complaint_.says("not found as a child of")) return unknown_member(complaint_.quoted_in("\" not found"));
        if (complaint_.says("is expected to be represented as JSON")) return wrong_shape(complaint_.quoted_in("\" is expected"));
        if (complaint_.begins("List instance is missing its key")) return missing_key(complaint_.quoted_in());
        if (complaint_.begins("Mandatory node")) return missing_node();
        if (complaint_.begins("Mandatory choice")) return missing_choice();
        if (complaint_.begins("Data for both cases")) return both_cases();
        if (complaint_.begins("Duplicate instance of")) return Error{"stands here twice", complaint_.path};
        if (complaint_.begins("Too many ")) return too_many();
        if (complaint_.begins("Invalid leafref value")) return no_such_reference();
        if (complaint_.begins("Unsatisfied pattern") || complaint_.begins("Unsatisfied length"))
            if (!has_restriction(type_of(find_schema(context_, complaint_.path)), complaint_)) return wrong_annotation();
        if (complaint_.begins("Invalid ") || complaint_.begins("Unsatisfied ") || complaint_.begins("Value "))
            if (const lysc_node* node = find_schema(context_, complaint_.path); type_of(node) != nullptr)
                return wrong_value(node);
        // What is left are conditions across several settings. They are judged before anybody looks for what must be there.
        if (const auto missing = missing_around(tree_, complaint_.path)) return *missing;
        return unexplained();
    }

private:
    static Error unknown_top(const std::string& name) {
        return Error{fmt::format("there is no {} at the top: {}", in_quotes(name), kTopLevel), "/" + name};
    }

    Error unknown_member(const std::string& name) const {
        const auto names = names_under(find_schema(context_, complaint_.path));
        return Error{fmt::format("there is no {} here, only {}", in_quotes(name), joined(names, " and ")),
                     locate(context_, text_, complaint_.path + "/" + name,
                            [](const nlohmann::json* member) { return member != nullptr; })};
    }

    // `The list "rule" is expected to be represented as JSON name/array of objects, but input data contains name/object`
    Error wrong_shape(const std::string& name) const {
        const auto shape = [&](std::string_view after) {
            const auto begin = complaint_.message.find(after) + after.size();
            const std::string words = complaint_.message.substr(begin, complaint_.message.find(',', begin) - begin);
            return words.substr(words.find('/') + 1);  // npos + 1 is 0
        };
        const std::string wanted = shape("as JSON ");
        const std::string article = wanted.starts_with('o') || wanted.starts_with('a') ? "an" : "a";
        return Error{fmt::format("wants {} {}, not {}", article, wanted, shape("data contains ")),
                     complaint_.path + (complaint_.path.empty() ? "/hairpin:" : "/") + name};
    }

    Error missing_key(const std::string& key) const {
        return Error{
            fmt::format("\"{}\" is missing", key),
            locate(context_, text_, complaint_.path + "/" + key, [](const nlohmann::json* member) { return member == nullptr; })};
    }

    // About what is missing, or too much by being there, libyang names the place in the schema.
    Error missing_node() const {
        const lysc_node* node = find_with_choices(context_, complaint_.path);
        if (node == nullptr) return unexplained();
        const std::string place = instance(tree_, path_of(lysc_data_parent(node)), fmt::format("not({})", node->name));
        return Error{fmt::format("\"{}\" is missing", node->name), place + "/" + node->name};
    }

    Error missing_choice() const {
        const lysc_node* choice = find_with_choices(context_, complaint_.path);
        if (choice == nullptr) return unexplained();
        const lysc_node* parent = lysc_data_parent(choice);
        const auto names = names_under(parent, choice->name);
        return Error{fmt::format("one of {} is missing", joined(names, " and ")),
                     instance(tree_, path_of(parent), fmt::format("not({})", fmt::join(names, " or ")))};
    }

    // `Data for both cases "tap" and "memory" exist`, where a case has the name of what is in it.
    Error both_cases() const {
        const lysc_node* choice = find_with_choices(context_, complaint_.path);
        if (choice == nullptr) return unexplained();
        const std::string first = complaint_.quoted_in("\" and \"");
        const std::string second = Complaint{complaint_.message.substr(complaint_.message.find("\" and \"") + 6), {}}.quoted_in();
        return Error{fmt::format("{} and {} exclude each other", in_quotes(first), in_quotes(second)),
                     instance(tree_, path_of(lysc_data_parent(choice)), fmt::format("{} and {}", first, second))};
    }

    Error unexplained() const { return Error{complaint_.message, complaint_.path}; }

    Error too_many() const {
        const lysc_node* node = find_schema(context_, complaint_.path);
        if (node == nullptr) return unexplained();
        const auto most = node->nodetype == LYS_LIST ? reinterpret_cast<const lysc_node_list*>(node)->max
                                                     : reinterpret_cast<const lysc_node_leaflist*>(node)->max;
        return Error{fmt::format("more than {} of these", most), complaint_.path};
    }

    Error no_such_reference() const {
        const std::string target = complaint_.message.substr(complaint_.message.rfind("instance \"") + 10);
        return Error{fmt::format("there is no {} {}", referred_list(target), in_quotes(complaint_.quoted_in("\" - no target"))),
                     complaint_.path};
    }

    // The value stands in quotes, and in some messages other things do after it.
    std::string refused_value() const {
        for (const std::string_view after : {"\" does not conform", "\" is out of", "\" length", "\" - no matching"})
            if (complaint_.says(after)) return complaint_.quoted_in(after);
        return complaint_.quoted_in();
    }

    // Of a node's metadata libyang says what is wrong with it, but not that it is metadata.
    Error wrong_annotation() const {
        return Error{fmt::format("hairpin:comment {} will not do: wants one line of 1 to 1000 characters, without */ and without "
                                 "spaces at its ends",
                                 in_quotes(refused_value())),
                     complaint_.path};
    }

    Error wrong_value(const lysc_node* node) const {
        const lysc_type* type = type_of(node);
        const std::string value = refused_value();
        std::string reason =
            fmt::format("{} will not do: wants {}", in_quotes(value), joined(wanted(type, complaint_.message), " or "));
        if (const char* units = units_of(node)) reason += fmt::format(" {}", units);
        // Of JSON: a string for a number, or the other way round. Of a union libyang says only that no alternative takes it.
        if (complaint_.begins("Invalid non-"))
            reason += in_json(type->basetype);
        else if (const auto meant = type->basetype == LY_TYPE_UNION ? alternative_for(node, value) : std::nullopt)
            reason += in_json(*meant);
        return Error{std::move(reason), locate_value(context_, text_, complaint_.path, value)};
    }

    static std::string_view in_json(LY_DATA_TYPE type) {
        return type == LY_TYPE_STRING || type == LY_TYPE_LEAFREF ? ", in quotes" : ", without quotes";
    }
    // What would take the value were it written in the other form.
    std::optional<LY_DATA_TYPE> alternative_for(const lysc_node* node, const std::string& value) const {
        const lysc_type* taken = nullptr;
        if (lyd_value_validate(context_, node, value.data(), value.size(), nullptr, &taken, nullptr) != LY_SUCCESS)
            return std::nullopt;
        return taken != nullptr ? std::optional{taken->basetype} : std::nullopt;
    }

    const ly_ctx* context_;
    std::string_view text_;
    const lyd_node* tree_;
    Complaint complaint_;
};

}  // namespace

Error explain_last_error(const ly_ctx* context, std::string_view text, const lyd_node* tree) {
    return Explanation{context, text, tree}.error();
}

}  // namespace hairpin::config
