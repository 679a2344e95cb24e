#include "config/candidate/curly_form.h"

#include <algorithm>

#include "config/candidate/edits.h"
#include "config/candidate/path.h"
#include "config/candidate/value.h"
#include "config/candidate/words.h"
#include "config/text_place.h"

namespace hairpin::config {

namespace {

class Writer {
public:
    std::string text;

    void children_of(const Node& node) {
        for (const auto& instances : node.instances) {
            std::vector<const Node*> nodes;
            for (const auto& child : instances->nodes()) nodes.push_back(child.get());
            beside_each_other(nodes);
        }
    }

    void beside_each_other(std::span<const Node* const> nodes) {
        const bool uncommented = std::all_of(nodes.begin(), nodes.end(), [](const Node* node) { return node->comment.empty(); });
        if (nodes.size() > 1 && nodes.front()->schema->kind == SchemaNode::Kind::leaf_list && uncommented)
            return bracketed(nodes);
        for (const Node* node : nodes) one(*node);
    }

private:
    void line(const std::string& words) { text.append(4 * depth_, ' ').append(words).append("\n"); }

    void bracketed(std::span<const Node* const> values) {
        std::string words = values.front()->schema->name + " [";
        for (const Node* node : values) words += " " + quoted(node->values);
        line(words + " ];");
    }

    void one(const Node& node) {
        if (!node.comment.empty()) line("/* " + node.comment + " */");
        if (node.instances.empty()) return line(curly_line_of(node));
        line(quoted(node.words()) + " {");
        ++depth_;
        children_of(node);
        --depth_;
        line("}");
    }

    std::size_t depth_ = 0;
};

class CurlyReader {
public:
    CurlyReader(Node& top, std::string_view text) : top_(top), text_(text) {}

    Result<void> run() {
        auto tokens = tokenize(text_, Comments::blocks_kept);
        if (!tokens) return failure_at(text_, tokens.error().begin, tokens.error().message);
        tokens_ = std::move(*tokens);
        while (next_ < tokens_.size()) {
            if (tokens_[next_].is("}")) return fail(next_, "} closes nothing");
            if (auto good = statement(top_); !good) return good;
        }
        return {};
    }

private:
    // A comment, or words that end with a semicolon or begin a block. Blocks nest only as deep as the schema.
    Result<void> statement(Node& at) {
        if (tokens_[next_].comment) return note(tokens_[next_++]);
        const std::size_t begin = next_;
        std::vector<Token> words;
        for (; next_ < tokens_.size() && !tokens_[next_].is(";") && !tokens_[next_].is("{") && !tokens_[next_].is("}"); ++next_)
            if (!tokens_[next_].comment) words.push_back(tokens_[next_]);
        if (next_ == tokens_.size() || tokens_[next_].is("}")) return fail(next_, "; is missing");
        if (words.empty()) return fail(begin, "a name is missing");
        if (tokens_[next_++].is("{")) return block(at, words);
        auto node = set_node(at, words);
        if (!node) return fail(words, node.error());
        annotate_with_noted(**node);
        return {};
    }

    Result<void> block(Node& at, const std::vector<Token>& words) {
        const std::size_t open = next_ - 1;
        const Reading reading = read_path(words, *at.schema);
        if (reading.error) return fail(words, *reading.error);
        if (!reading.steps.back().is_inner()) {
            const Step& last = reading.steps.back();
            if (last.schema->has_children()) return fail(words, missing_after(last, words.size()));
            return fail(open, last.schema->name + " has a value, not a block");
        }
        Node* node = &at;
        for (const Step& step : reading.steps) node = &node->ensure_child(*step.schema, step.values);
        annotate_with_noted(*node);
        while (next_ < tokens_.size() && !tokens_[next_].is("}"))
            if (auto good = statement(*node); !good) return good;
        if (next_ == tokens_.size()) return fail(open, "the block is not closed: } is missing");
        ++next_;
        noted_.clear();
        remove_empty_from(node);
        return {};
    }

    // Several lines of a comment, and several comments, are one line: without what indents them.
    Result<void> note(const Token& token) {
        std::string text;
        bool begins = false;  // a further line
        for (const char c : token.text) {
            const bool space = c == ' ' || c == '\t';
            if (c >= '\n' && c <= '\r') {
                text.erase(text.find_last_not_of(' ') + 1);
                begins = true;
            } else if (!space || !begins) {
                if (std::exchange(begins, false) && !text.empty()) text += ' ';
                text += space ? ' ' : c;
            }
        }
        if (text.empty()) return {};
        if (!noted_.empty()) noted_ += ' ';
        noted_ += text;
        if (auto good = check_annotation(noted_); !good) return failure_at(text_, token.begin, good.error());
        return {};
    }

    void annotate_with_noted(Node& node) {
        if (!noted_.empty()) node.comment = std::exchange(noted_, {});
    }

    tl::unexpected<Error> fail(std::size_t token, std::string message) const {
        const std::size_t end = tokens_.empty() ? 0 : tokens_.back().end;
        return failure_at(text_, token < tokens_.size() ? tokens_[token].begin : end, std::move(message));
    }

    tl::unexpected<Error> fail(const std::vector<Token>& words, const EditError& error) const {
        return failure_at(text_, error.word < words.size() ? words[error.word].begin : words.back().end, error.message);
    }

    Node& top_;
    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t next_ = 0;
    std::string noted_;  // the comment that waits for what it belongs to
};

}  // namespace

std::string curly_form_of(std::span<const Node* const> nodes) {
    Writer writer;
    if (!nodes.empty()) writer.beside_each_other(nodes);
    return std::move(writer.text);
}

std::string curly_content_of(const Node& node) {
    Writer writer;
    writer.children_of(node);
    return std::move(writer.text);
}

std::string curly_line_of(const Node& node) {
    const std::string words = quoted(node.words());
    if (node.schema->kind == SchemaNode::Kind::leaf) return words + " " + quoted(node.values) + ";";
    return node.instances.empty() ? words + ";" : words + " { ... }";
}

Result<void> read_curly_form(Node& top, std::string_view text) { return CurlyReader{top, text}.run(); }

}  // namespace hairpin::config
