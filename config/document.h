#pragma once
// A configuration that the YANG module hairpin has found valid: types, ranges, references and `must` conditions hold, and defaults
// are filled in. What YANG cannot say is checked by compile().

#include <cstdint>
#include <memory>
#include <string>

#include "net/result.h"

struct lyd_node;

namespace hairpin::config {

enum class Defaults : std::uint8_t { omitted, included };

// Owns its tree; moving it is the only way to pass it on. Immutable.
class Document {
public:
    static constexpr std::size_t kLargest = 16 * 1024 * 1024;  // bytes of JSON, as in a message to the daemon

    // JSON as RFC 7951 has it. An error's path names the node, as /hairpin:gateway/interface[name='lan']/mtu; where the text is no
    // JSON at all there is no path, and the message says line and column.
    static Result<Document> parse(const std::string& json);
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    // The top of the tree, for the readers of this folder.
    const lyd_node* root() const;
    // Parsed again, it is the same document.
    std::string to_json(Defaults defaults = Defaults::omitted) const;

private:
    struct Tree;
    explicit Document(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> tree_;
};

}  // namespace hairpin::config
