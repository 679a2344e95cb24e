#pragma once
// A configuration that the YANG module hairpin has found valid: types, ranges, references and `must` conditions hold, and defaults are
// filled in. What YANG cannot say is checked by compile().

#include <memory>
#include <string>

#include "net/result.h"

struct lyd_node;

namespace hairpin::config {

class Document {
public:
    static constexpr std::size_t kLargest = 64 * 1024 * 1024;  // bytes of JSON

    // JSON as RFC 7951 has it. An error's path names the node, as /hairpin:gateway/interface[name='lan']/mtu, where there is one.
    static Result<Document> parse(const std::string& json);
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    // The top of the tree, for the readers of this folder.
    const lyd_node* root() const;
    std::string to_json() const;  // without defaults

private:
    struct Tree;
    explicit Document(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> tree_;
};

}  // namespace hairpin::config
