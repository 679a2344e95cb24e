#include "config/candidate/candidate.h"

#include <fmt/format.h>

#include "config/candidate/curly_form.h"
#include "config/candidate/differences.h"
#include "config/candidate/edits.h"
#include "config/candidate/expectations.h"
#include "config/candidate/json_tree.h"
#include "config/candidate/load.h"
#include "config/candidate/path.h"
#include "config/candidate/set_form.h"
#include "config/candidate/three_way_merge.h"
#include "config/candidate/tree.h"

namespace hairpin::config {

struct Candidate::Tree {
    std::unique_ptr<Node> top = std::make_unique<Node>(schema_top());

    // What might have stood where an error is.
    template <class T>
    Edit<T> explained(Edit<T> done, Words words, Purpose purpose) const {
        if (!done)
            done.error().expected =
                expected_after(*top, tokens_of(words.first(std::min(done.error().word, words.size()))), purpose);
        return done;
    }

    // Of two paths; errors in the second are told by their message alone.
    Edit<void> explained(Edit<void> done, Words first) const {
        if (!done && done.error().word < first.size()) return explained(std::move(done), first, Purpose::remove);
        return done;
    }

    std::vector<const Node*> all(Words below) const {
        const Reading reading = read_path(tokens_of(below));
        return reading.error ? std::vector<const Node*>{} : find_all(*top, reading.steps);
    }
};

Candidate::Candidate() : tree_(std::make_unique<Tree>()) {}
Candidate::Candidate(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Candidate::Candidate(Candidate&&) noexcept = default;
Candidate& Candidate::operator=(Candidate&&) noexcept = default;
Candidate::~Candidate() = default;

Result<Candidate> Candidate::from_json(const std::string& json) {
    auto top = read_json(json);
    if (!top) return tl::unexpected(std::move(top.error()));
    auto tree = std::make_unique<Tree>();
    tree->top = std::move(*top);
    return Candidate{std::move(tree)};
}

Candidate Candidate::copy() const {
    auto tree = std::make_unique<Tree>();
    tree->top = tree_->top->clone();
    return Candidate{std::move(tree)};
}

std::string Candidate::to_json() const { return json_of(*tree_->top); }

Edit<void> Candidate::set(Words path) { return tree_->explained(config::set(*tree_->top, tokens_of(path)), path, Purpose::set); }

Edit<void> Candidate::remove(Words path) {
    return tree_->explained(config::remove(*tree_->top, tokens_of(path)), path, Purpose::remove);
}

Edit<void> Candidate::copy_entry(Words from, Words to) {
    return tree_->explained(config::copy_entry(*tree_->top, tokens_of(from), tokens_of(to)), from);
}

Edit<void> Candidate::rename_entry(Words from, Words to) {
    return tree_->explained(config::rename_entry(*tree_->top, tokens_of(from), tokens_of(to)), from);
}

Edit<void> Candidate::insert(Words entry, bool before, Words other) {
    return tree_->explained(config::insert(*tree_->top, tokens_of(entry), before, tokens_of(other)), entry);
}

Edit<void> Candidate::annotate(Words path, const std::string& text) {
    return tree_->explained(config::annotate(*tree_->top, tokens_of(path), text), path, Purpose::remove);
}

bool Candidate::exists(Words path) const { return !tree_->all(path).empty(); }

Edit<std::vector<std::string>> Candidate::resolve(Words path) const {
    const Reading reading = read_path(tokens_of(path));
    const auto explained = [&](EditError error) {
        return tree_->explained<std::vector<std::string>>(tl::unexpected(std::move(error)), path, Purpose::edit);
    };
    if (reading.error) return explained(*reading.error);
    std::vector<std::string> words;
    for (const Step& step : reading.steps) {
        if (!step.schema->has_children())
            return explained({step.word, fmt::format("{} is a setting: nothing is below it to edit", step.schema->name), {}});
        if (!step.is_inner()) return explained(missing_after(step, path.size()));
        for (std::string& word : step.words()) words.push_back(std::move(word));
    }
    return words;
}

std::string Candidate::as_set(Words below) const { return set_form_of(tree_->all(below)); }

std::string Candidate::as_text(Words below) const {
    const auto nodes = tree_->all(below);
    const Reading reading = read_path(tokens_of(below));
    const bool is_one = reading.steps.empty() || reading.steps.back().is_inner();  // not a list that happens to have one entry
    return is_one && !nodes.empty() ? curly_content_of(*nodes.front()) : curly_form_of(nodes);
}

std::string Candidate::as_json(Words below) const { return json_of(*branch_of(tree_->all(below))); }

Result<void> Candidate::load(const std::string& text, Load how) {
    Candidate loaded = how == Load::merge ? copy() : Candidate{};
    if (auto good = read_any_form(*loaded.tree_->top, text); !good) return good;
    *this = std::move(loaded);
    return {};
}

std::string Candidate::difference(const Candidate& base) const { return difference_between(*base.tree_->top, *tree_->top); }

std::vector<std::vector<std::string>> Candidate::changed_paths(const Candidate& base) const {
    return changed_paths_between(*base.tree_->top, *tree_->top);
}

Result<void> Candidate::merge_changes(const Candidate& base, const Candidate& theirs) {
    auto merged = merge_three(*base.tree_->top, *tree_->top, *theirs.tree_->top);
    if (!merged) return failure("changed here and by somebody else", quoted(merged.error().path));
    tree_->top = std::move(*merged);
    return {};
}

std::vector<Expected> Candidate::expect(Words path, Purpose purpose) const {
    return expected_after(*tree_->top, tokens_of(path), purpose);
}

bool Candidate::may_end(Words path, Purpose purpose) const { return config::may_end(*tree_->top, tokens_of(path), purpose); }

}  // namespace hairpin::config
