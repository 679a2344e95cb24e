#include "config/candidate/set_form.h"

#include <algorithm>

#include "config/candidate/edits.h"
#include "config/candidate/words.h"
#include "config/text_place.h"

namespace hairpin::config {

namespace {

// `above`: the words before this node's own, each with a space after it.
void write(const Node& node, const std::string& above, std::string& out) {
    const std::string words = node.parent == nullptr ? above : above + quoted(node.words());
    for (const auto& instances : node.instances)
        for (const auto& child : instances->nodes()) write(*child, node.parent == nullptr ? above : words + " ", out);
    if (node.schema->kind == SchemaNode::Kind::leaf)
        out += "set " + words + " " + quoted(node.values) + "\n";
    else if (node.instances.empty() && node.parent != nullptr)
        out += "set " + words + "\n";
    if (!node.comment.empty()) out += "annotate " + words + " " + quoted(std::string_view{node.comment}) + "\n";
}

Edit<void> run(Node& top, std::span<const Token> line) {
    if (line[0].text == "set") {
        if (auto done = set(top, line.subspan(1)); !done) {
            done.error().word += 1;
            return done;
        }
        return {};
    }
    if (line[0].text != "annotate") return wrong_word(0, "wants set or annotate");
    if (line.size() < 2) return wrong_word(line.size(), "a path is missing");
    const auto path = line.subspan(1, line.size() - 2);
    auto done = annotate(top, path, line.back().text);
    if (!done) done.error().word += 1;
    return done;
}

}  // namespace

std::string set_form_of(std::span<const Node* const> nodes) {
    std::string out;
    for (const Node* node : nodes) {
        std::string above = node->parent == nullptr ? "" : quoted(node->parent->path());
        if (!above.empty()) above += ' ';
        write(*node, above, out);
    }
    return out;
}

Result<void> read_set_form(Node& top, std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const auto tokens = tokenize(text.substr(begin, end - begin));
        if (!tokens) return failure_at(text, begin + tokens.error().begin, tokens.error().message);
        if (!tokens->empty())
            if (auto done = run(top, *tokens); !done) {
                const std::size_t word = done.error().word;
                return failure_at(text, begin + (word < tokens->size() ? (*tokens)[word].begin : tokens->back().end),
                                  done.error().message);
            }
        begin = end + 1;
    }
    return {};
}

}  // namespace hairpin::config
