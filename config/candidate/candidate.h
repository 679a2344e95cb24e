#pragma once
// The configuration that somebody edits in the shell, before it is committed.
//
//   Candidate candidate = *Candidate::from_json(reply_of_config_get);
//   candidate.set({"gateway", "firewall", "rule", "3", "action", "drop"});
//   candidate.difference(running)     ->  [edit gateway firewall rule 3]
//                                         -   action accept;
//                                         +   action drop;
//
// Words are what is typed after `set`, from the top: containers and lists by name, a list's keys as bare words in key order, a leaf's
// value. Several values of a leaf-list may follow at once, also in brackets: address [ a b ]. What YANG calls choice and case is never
// typed; setting one alternative removes the others. Names may be abbreviated while unambiguous, and so may values that are names
// (of an enumeration); other values and keys may not.
//
// A value's type is checked when it is set. What needs the whole document - what is mandatory, references, `must` - is for the daemon
// to judge, so a candidate may be incomplete for as long as it is edited. A container without presence is there exactly when something
// is in it.
//
// An edit that fails changes nothing.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "net/result.h"

namespace hairpin::config {

// What may stand at one place of a command.
struct Expected {
    std::string word;         // a keyword or known value, or a placeholder such as <192.0.2.1/24>
    std::string description;  // one sentence; may be empty
    bool is_value = false;    // `word` is a placeholder: what it stands for is typed instead
    bool operator==(const Expected&) const = default;
};

struct EditError {
    std::size_t word;  // index of the word that is wrong; == words.size(): something is missing after the last
    std::string message;
    std::vector<Expected> expected;  // what may stand there instead; may be empty
};

template <class T>
using Edit = tl::expected<T, EditError>;
using Words = std::span<const std::string>;

class Candidate {
public:
    Candidate();  // empty
    // RFC 7951, as config.get returns it. An error's path is "line 3, column 17".
    static Result<Candidate> from_json(const std::string& json);
    Candidate(Candidate&&) noexcept;
    Candidate& operator=(Candidate&&) noexcept;
    ~Candidate();
    Candidate copy() const;
    // RFC 7951 for the daemon; annotations are metadata hairpin:comment (RFC 7952).
    std::string to_json() const;

    Edit<void> set(Words path);
    // A subtree, all entries of a list, a leaf, or values of a leaf-list; an error when it is not there.
    Edit<void> remove(Words path);
    // Where there are two paths, words of the second are counted on after those of the first in EditError::word.
    // `to` names the entry by its keys, with or without the list's name: `rule 30` or `30`. A copy becomes the last entry.
    Edit<void> copy_entry(Words from, Words to);
    Edit<void> rename_entry(Words from, Words to);
    // Only entries of lists, and values of leaf-lists, that are ordered by the user. `other` is written as `to` above.
    Edit<void> insert(Words entry, bool before, Words other);
    // "" removes it. One line without control characters and without */.
    Edit<void> annotate(Words path, const std::string& text);
    bool exists(Words path) const;
    // The full words of a path that may be edited: a container or list entry, there or not yet. No words are the top.
    Edit<std::vector<std::string>> resolve(Words path) const;

    // Of what is below a path, nothing when it is not there. All three load back to the same tree.
    std::string as_set(Words below = {}) const;   // `set ...` and `annotate ...` lines, their words from the top
    std::string as_text(Words below = {}) const;  // name { ... } and leaf value; with /* annotations */, relative to the path
    std::string as_json(Words below = {}) const;  // with all that is above the path

    enum class Load : std::uint8_t { merge, replace };
    // JSON, curly or set form; which of them, the text itself shows. An error's path is "line 3, column 17".
    Result<void> load(const std::string& text, Load how);

    // What has changed since `base`, in the manner of Junos: - and + lines below [edit ...], ! for what stands at another place of a list.
    // Empty exactly when the two are equal, whatever the order of lists that the user does not order.
    std::string difference(const Candidate& base) const;
    // Of each leaf, value of a leaf-list, or list entry that is new, gone, changed or moved the path, in the schema's order.
    std::vector<std::vector<std::string>> changed_paths(const Candidate& base) const;
    // My changes since `base` put on top of theirs. An error's path is the first that both touched, in words; then nothing changes.
    Result<void> merge_changes(const Candidate& base, const Candidate& theirs);

    enum class Purpose : std::uint8_t { set, remove, show, edit };
    // What may follow these words: keywords in the schema's order with the first sentence of their description, keys and values that are
    // there, and placeholders for new ones. `remove` and `show` know only what is there. Empty when nothing may follow.
    std::vector<Expected> expect(Words path, Purpose purpose) const;
    // Whether these words are enough: the command may end here.
    bool may_end(Words path, Purpose purpose) const;

private:
    struct Tree;
    explicit Candidate(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> tree_;
};

}  // namespace hairpin::config
