// Edits of a candidate, one a line, as the shell's configuration mode makes them:
//
//   set WORDS   remove WORDS   annotate WORDS TEXT   copy WORDS to WORDS   rename WORDS to WORDS
//   insert WORDS before WORDS   insert WORDS after WORDS   expect WORDS
//   fork        from here on there are two: mine and theirs           turn    theirs is edited, and mine becomes theirs
//   merge       mine is put on top of theirs, counted from the fork   guide   begins again with the guide's lab
//
// An edit that fails changes nothing and points at a word; whatever was edited is written and read back.

#include <functional>
#include <span>

#include "config/candidate/candidate.h"
#include "config/candidate/words.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/support/guide_document.h"

namespace hairpin::config {
namespace {

using fuzz::holds;
using Line = std::span<const std::string>;
using Purpose = Candidate::Purpose;

constexpr std::size_t kMostEdits = 64;

const Candidate& guide() {
    static const Candidate candidate = *Candidate::from_json(testing::guide_document().dump());
    return candidate;
}

// The words before and behind the first `middle`; behind it are none when it is not there.
struct Halves {
    Line left, right;
};
Halves halves(Line words, std::string_view middle) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == middle) return {words.first(i), words.subspan(i + 1)};
    return {words, {}};
}

class Editors {
public:
    void run(Line line) {
        const std::string& command = line.front();
        const Line words = line.subspan(1);
        if (command == "set") edit(words, [&] { return mine_.set(words); });
        if (command == "remove") edit(words, [&] { return mine_.remove(words); });
        if (command == "annotate" && !words.empty())
            edit(words, [&] { return mine_.annotate(words.first(words.size() - 1), words.back()); });
        if (command == "copy" || command == "rename") {
            const Halves entry = halves(words, "to");
            const auto change = command == "copy" ? &Candidate::copy_entry : &Candidate::rename_entry;
            edit(words, [&] { return (mine_.*change)(entry.left, entry.right); });
        }
        if (command == "insert") {
            const bool before = std::find(words.begin(), words.end(), "before") != words.end();
            const Halves entries = halves(words, before ? "before" : "after");
            edit(words, [&] { return mine_.insert(entries.left, before, entries.right); });
        }
        if (command == "expect") expect(words);
        if (command == "fork") theirs_ = mine_.copy(), base_ = mine_.copy();
        if (command == "turn") std::swap(mine_, theirs_);
        if (command == "merge") merge();
        if (command == "guide") mine_ = guide().copy();
    }

    void check_forms() const {
        const std::string tree = mine_.to_json();
        for (const std::string& text : {mine_.as_set(), mine_.as_text(), tree}) {
            Candidate again;
            const auto loaded = again.load(text, Candidate::Load::replace);
            holds(loaded.has_value() && again.to_json() == tree, "what was written loads to another tree, or not:\n" + text);
        }
    }

private:
    void edit(Line words, const std::function<Edit<void>()>& change) {
        const std::string before = mine_.to_json();
        const auto done = change();
        if (done) return;
        holds(!done.error().message.empty(), "an edit is refused without a reason");
        holds(done.error().word <= words.size(), "a complaint about a word that nobody typed: " + done.error().message);
        holds(mine_.to_json() == before, "an edit that failed has changed something: " + done.error().message);
    }

    // What is offered as a word may be typed, though more may have to follow.
    void expect(Line words) {
        for (const Purpose purpose : {Purpose::remove, Purpose::show, Purpose::edit}) (void)mine_.expect(words, purpose);
        for (const Expected& expected : mine_.expect(words, Purpose::set)) {
            if (expected.is_value || expected.word == "]") continue;
            std::vector<std::string> longer{words.begin(), words.end()};
            longer.push_back(expected.word);
            const auto done = mine_.copy().set(longer);
            holds(done.has_value() || done.error().word == longer.size(), "what is offered is refused: " + quoted(longer));
        }
        if (mine_.may_end(words, Purpose::set)) holds(mine_.copy().set(words).has_value(), "words that may end are refused");
        (void)mine_.resolve(words);
        (void)mine_.as_text(words);
        (void)mine_.as_json(words);
    }

    void merge() {
        const std::string before = mine_.to_json();
        const bool i_changed_nothing = mine_.difference(base_).empty();
        const bool they_changed_nothing = theirs_.difference(base_).empty();
        if (!mine_.merge_changes(base_, theirs_)) {
            holds(mine_.to_json() == before, "a merge that failed has changed something");
            holds(!i_changed_nothing && !they_changed_nothing, "one side changed nothing, and yet they conflict");
            return;
        }
        if (i_changed_nothing) holds(mine_.difference(theirs_).empty(), "I changed nothing, and theirs is not what is left");
        if (they_changed_nothing) {
            Candidate was;
            holds(was.load(before, Candidate::Load::replace).has_value() && mine_.difference(was).empty(),
                  "they changed nothing, and mine is not what is left");
        }
        base_ = theirs_.copy();
    }

    Candidate mine_, theirs_, base_;
};

}  // namespace
}  // namespace hairpin::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::config;
    std::string_view text = hairpin::fuzz::Input{data, size}.rest();
    Editors editors;
    for (std::size_t edits = 0; edits < kMostEdits && !text.empty(); ++edits) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::vector<std::string> words;
        if (const auto tokens = tokenize(text.substr(0, end)))
            for (const Token& token : *tokens) words.push_back(token.text);
        if (!words.empty()) editors.run(words);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    editors.check_forms();
    return 0;
}
