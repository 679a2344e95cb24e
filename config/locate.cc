#include "config/locate.h"

#include <libyang/libyang.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/data_path.h"

namespace hairpin::config {

namespace {

using nlohmann::json;

std::string key_text(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// A member may be written with its module, too (RFC 7951 §4).
const json* member(const json& object, const std::string& name) {
    if (!object.is_object()) return nullptr;
    for (const std::string& written : {name, "hairpin:" + name})
        if (const auto found = object.find(written); found != object.end()) return &*found;
    return nullptr;
}

std::string keys_of(const json& entry, const lysc_node* list) {
    std::string keys;
    for (const lysc_node* node = lysc_node_child(list); node != nullptr && (node->flags & LYS_KEY) != 0; node = node->next) {
        const json* value = member(entry, node->name);
        if (value == nullptr || value->is_structured()) return {};
        keys += "[" + std::string{node->name} + "='" + key_text(*value) + "']";
    }
    return keys;
}

class Search {
public:
    Search(const ly_ctx* context, const std::vector<PathStep>& steps, const IsMeant& is_meant)
        : context_(context), steps_(steps), is_meant_(is_meant) {}

    // The path below `node` of what is meant, from the step of this index on. The schema bounds how deep this goes.
    std::optional<std::string> below(const json& node, std::size_t index, const std::string& schema_path) const {
        const PathStep& step = steps_[index];
        const std::string path = schema_path + "/" + step.name;
        const json* found = member(node, step.name);
        if (index + 1 == steps_.size()) return is_meant_(found) ? std::optional{"/" + step.name + step.keys} : std::nullopt;
        if (found == nullptr) return std::nullopt;
        if (!found->is_array()) return prepended("/" + step.name, below(*found, index + 1, path));
        const lysc_node* list = lys_find_path(context_, nullptr, path.c_str(), 0);
        if (list == nullptr || list->nodetype != LYS_LIST) return std::nullopt;
        for (const json& entry : *found) {
            const std::string keys = keys_of(entry, list);
            if (!step.keys.empty() && step.keys != keys) continue;
            if (auto rest = prepended("/" + step.name + keys, below(entry, index + 1, path))) return rest;
        }
        return std::nullopt;
    }

private:
    static std::optional<std::string> prepended(const std::string& head, std::optional<std::string> rest) {
        if (rest) rest->insert(0, head);
        return rest;
    }

    const ly_ctx* context_;
    const std::vector<PathStep>& steps_;
    const IsMeant& is_meant_;
};

}  // namespace

std::string locate(const ly_ctx* context, std::string_view text, const std::string& path, const IsMeant& is_meant) {
    const json document = json::parse(text, nullptr, false);
    const auto steps = steps_of(path);
    if (document.is_discarded() || steps.empty()) return path;
    return Search{context, steps, is_meant}.below(document, 0, {}).value_or(path);
}

std::string locate_value(const ly_ctx* context, std::string_view text, const std::string& path, std::string_view value) {
    return locate(context, text, path, [&](const json* found) {
        if (found == nullptr) return false;
        if (!found->is_array()) return key_text(*found) == value;
        return std::any_of(found->begin(), found->end(), [&](const json& element) { return key_text(element) == value; });
    });
}

}  // namespace hairpin::config
