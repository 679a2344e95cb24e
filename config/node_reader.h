#pragma once
// Reading a validated tree: one line a setting. The schema has seen to it that what is read is there and of the right form, so these
// cannot fail; what only a human can have meant wrongly, a reader's caller reports with path().

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/result.h"

struct lyd_node;

namespace hairpin::config {

class NodeReader {
public:
    explicit NodeReader(const lyd_node* node) : node_(node) {}
    // Of several top nodes (siblings of `root`) the one of this name.
    static NodeReader top(const lyd_node* root, std::string_view name);

    explicit operator bool() const { return node_ != nullptr; }
    NodeReader child(std::string_view name) const;
    std::vector<NodeReader> children(std::string_view name) const;  // a list's entries, in order

    // Leaves: of this node's child `name`.
    std::optional<std::string> text(std::string_view name) const;
    std::string text_or(std::string_view name, std::string otherwise) const { return text(name).value_or(std::move(otherwise)); }
    std::optional<std::uint64_t> number(std::string_view name) const;
    bool flag(std::string_view name) const { return text(name) == "true"; }
    std::vector<std::string> texts(std::string_view name) const;  // a leaf-list's values, in order

    // "/hairpin:gateway/nat/rule[id='196610']", and with a leaf's name its path.
    std::string path(std::string_view leaf = {}) const;
    tl::unexpected<Error> refuse(std::string_view leaf, std::string reason) const {
        return failure(std::move(reason), path(leaf));
    }

private:
    const lyd_node* node_;
};

}  // namespace hairpin::config
