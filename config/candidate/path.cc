#include "config/candidate/path.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/candidate/value.h"
#include "config/wanted.h"

namespace hairpin::config {

namespace {

class PathReader {
public:
    PathReader(std::span<const Token> words, const SchemaNode& from) : words_(words), at_(&from) {}

    Reading run() {
        while (!reading_.error && next_ < words_.size()) step();
        return std::move(reading_);
    }

private:
    void step() {
        const std::string& word = words_[next_].text;
        const auto meant = at_->children_like(word);
        if (meant.size() > 1) {
            std::vector<std::string> names;
            for (const SchemaNode* node : meant) names.push_back(node->name);
            return fail(fmt::format("{} is ambiguous: {}", in_quotes(word), joined(names, " or ")));
        }
        if (meant.empty())
            return fail(fmt::format("there is no {} {}", in_quotes(word), at_->name.empty() ? "at the top" : "in " + at_->name));
        at_ = meant.front();
        reading_.steps.push_back({at_, {}, next_++});
        if (at_->kind == SchemaNode::Kind::list) keys();
        if (at_->kind == SchemaNode::Kind::leaf) value();
        if (at_->kind == SchemaNode::Kind::leaf_list) values();
    }

    void keys() {
        for (const auto& key : at_->keys)
            if (!reading_.error && next_ < words_.size()) take(*key);
    }

    void value() {
        if (next_ < words_.size()) take(*at_);
        if (!reading_.error && next_ < words_.size()) fail(fmt::format("nothing may follow the value of {}", at_->name));
    }

    void values() {
        if (next_ < words_.size() && words_[next_].is("[")) {
            ++next_;
            reading_.brackets = Reading::Brackets::open;
        }
        while (!reading_.error && next_ < words_.size()) {
            if (reading_.brackets == Reading::Brackets::closed) return fail("nothing may follow ]");
            if (reading_.brackets == Reading::Brackets::open && words_[next_].is("]")) {
                if (reading_.steps.back().values.empty()) return fail(fmt::format("{} wants a value", at_->name));
                reading_.brackets = Reading::Brackets::closed;
                ++next_;
            } else {
                take(*at_);
            }
        }
    }

    void take(const SchemaNode& leaf) {
        auto value = canonical_value(leaf, words_[next_].text, Spelling::abbreviated);
        if (!value) return fail(std::move(value.error()));
        reading_.steps.back().values.push_back(std::move(*value));
        reading_.steps.back().value_words.push_back(next_++);
    }

    void fail(std::string message) { reading_.error = EditError{next_, std::move(message), {}}; }

    std::span<const Token> words_;
    const SchemaNode* at_;
    std::size_t next_ = 0;
    Reading reading_;
};

std::string absence(const Step& step) {
    const bool named = step.schema->is_repeated();
    return named ? fmt::format("there is no {}", fmt::join(step.words(), " ")) : fmt::format("{} is not set", step.schema->name);
}

}  // namespace

std::vector<std::string> Step::words() const {
    std::vector<std::string> result{schema->name};
    result.insert(result.end(), values.begin(), values.end());
    return result;
}

Reading read_path(std::span<const Token> words, const SchemaNode& from) { return PathReader{words, from}.run(); }

std::vector<Token> tokens_of(Words words) {
    std::vector<Token> tokens;
    for (const std::string& word : words) tokens.push_back({word, 0, 0});
    return tokens;
}

EditError missing_after(const Step& step, std::size_t words) {
    const SchemaNode& schema = *step.schema;
    if (schema.kind == SchemaNode::Kind::list)
        return {words, fmt::format("{} wants its {}", schema.name, schema.keys[step.values.size()]->name), {}};
    return {
        words, fmt::format("{} wants {}", schema.name, schema.has_children() ? "to be followed by a setting" : "a value"), {}};
}

tl::unexpected<EditError> wrong_word(std::size_t word, std::string message) {
    return tl::unexpected(EditError{word, std::move(message), {}});
}

tl::expected<const Node*, EditError> find_node(const Node& from, const std::vector<Step>& steps) {
    const Node* node = &from;
    for (const Step& step : steps) {
        node = node->find(*step.schema, step.values);
        if (node == nullptr) return wrong_word(step.last_word(), absence(step));
        if (!step.values.empty() && node->values != step.values)
            return wrong_word(step.last_word(), fmt::format("{} is {}", step.schema->name, quoted(node->values)));
    }
    return node;
}

std::vector<const Node*> find_all(const Node& from, std::span<const Step> steps) {
    if (steps.empty()) return {&from};
    const Node* parent = &from;
    for (const Step& step : steps.first(steps.size() - 1))
        if (parent = parent->find(*step.schema, step.values); parent == nullptr) return {};
    const Step& last = steps.back();
    const Instances* instances = parent->instances_of(*last.schema);
    std::vector<const Node*> found;
    if (instances == nullptr) return found;
    for (const auto& node : instances->nodes()) {
        const auto& wanted = last.values;
        const bool is_meant =
            last.schema->kind == SchemaNode::Kind::leaf_list
                ? wanted.empty() || std::find(wanted.begin(), wanted.end(), node->values.front()) != wanted.end()
                : std::equal(wanted.begin(), wanted.end(), node->values.begin());
        if (is_meant) found.push_back(node.get());
    }
    const bool all_there = std::all_of(last.values.begin(), last.values.end(), [&](const std::string& value) {
        return last.schema->kind != SchemaNode::Kind::leaf_list || instances->find(identity_of(*last.schema, {value})) != nullptr;
    });
    return all_there ? found : std::vector<const Node*>{};
}

}  // namespace hairpin::config
