#pragma once
// What a daemon must answer to those who commit, kept in the most naive way: a list of what was committed, and what waits.
//
// Documents are compared as JSON and rules as they are compiled from nothing but the document, by libyang and all at once, and not by
// what the daemon remembers of the rules before.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "config/compile.h"
#include "net/time.h"

namespace hairpin::runtime {

// Its keys in alphabetical order, on one line.
std::string canonical(const std::string& json);

class CommitModel {
public:
    struct Entry {
        std::uint64_t generation = 0;
        std::string user, via, comment;
        bool confirmed = true;
        std::string document;  // canonical
    };
    // When it is undone, unless it is confirmed: the daemon has looked at its clock some time between two looks at ours.
    struct Pending {
        Timestamp earliest, latest;
        std::string document;  // to go back to
    };
    using Judged = Result<config::Configuration>;

    explicit CommitModel(const std::string& document);

    // What a document becomes, with the switch in force where it has none, or why it is refused. Nothing changes.
    std::string completed(const std::string& document) const;
    Judged judge(const std::string& completed) const;
    // Whether all of its ports can be opened.
    static bool opens(const config::Configuration& configuration);

    struct Wait {
        Timestamp earliest, latest;
    };
    // It has been accepted. `wait`: until it is confirmed.
    void commit(Entry entry, config::Configuration configuration, std::optional<Wait> wait);
    // A port more or less: it waits with what waits.
    void change_port(Entry entry, config::Configuration configuration);
    void confirm();
    // Its time is over.
    void undo();

    std::uint64_t generation() const { return in_force_.ruleset->generation; }
    const config::Configuration& in_force() const { return in_force_; }
    const std::deque<Entry>& history() const { return history_; }
    const std::optional<Pending>& pending() const { return pending_; }

private:
    void put_in_force(Entry entry, config::Configuration configuration);

    std::deque<Entry> history_;  // newest first
    config::Configuration in_force_;
    std::optional<Pending> pending_;
};

}  // namespace hairpin::runtime
