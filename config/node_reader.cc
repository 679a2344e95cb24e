#include "config/node_reader.h"

#include <libyang/libyang.h>

#include <cstdlib>

#include "net/numbers.h"

namespace hairpin::config {

namespace {

template <class Visit>
void for_each_named(const lyd_node* first, std::string_view name, Visit&& visit) {
    const lyd_node* node = nullptr;
    LY_LIST_FOR(first, node) {
        if (node->schema != nullptr && name == node->schema->name && !visit(node)) return;
    }
}

const lyd_node* find_named(const lyd_node* first, std::string_view name) {
    const lyd_node* found = nullptr;
    for_each_named(first, name, [&](const lyd_node* node) { return found = node, false; });
    return found;
}

}  // namespace

NodeReader NodeReader::top(const lyd_node* root, std::string_view name) { return NodeReader{find_named(root, name)}; }

NodeReader NodeReader::child(std::string_view name) const {
    return NodeReader{node_ == nullptr ? nullptr : find_named(lyd_child(node_), name)};
}

std::vector<NodeReader> NodeReader::children(std::string_view name) const {
    std::vector<NodeReader> result;
    if (node_ != nullptr)
        for_each_named(lyd_child(node_), name, [&](const lyd_node* node) { return result.emplace_back(node), true; });
    return result;
}

std::optional<std::string> NodeReader::text(std::string_view name) const {
    const NodeReader leaf = child(name);
    if (!leaf) return std::nullopt;
    return lyd_get_value(leaf.node_);
}

std::optional<std::uint64_t> NodeReader::number(std::string_view name) const {
    const auto value = text(name);
    return value ? parse_number(*value, ~std::uint64_t{0}) : std::nullopt;
}

std::vector<std::string> NodeReader::texts(std::string_view name) const {
    std::vector<std::string> result;
    for (const NodeReader& leaf : children(name)) result.emplace_back(lyd_get_value(leaf.node_));
    return result;
}

std::string NodeReader::path(std::string_view leaf) const {
    if (node_ == nullptr) return {};
    char* text = lyd_path(node_, LYD_PATH_STD, nullptr, 0);
    std::string result = text != nullptr ? text : "";
    std::free(text);
    if (!leaf.empty()) result += "/" + std::string{leaf};
    return result;
}

}  // namespace hairpin::config
