#pragma once
// The configurations that have been in force, newest first: number 0 is the one in force. In memory, and in a folder when there is one,
// so that they survive the daemon: a file each, JSON that people can read. A commit is kept when its file and the folder are on the
// disk; a crash before that leaves a file that is no JSON, or none, and both are passed over.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "net/result.h"

namespace hairpin::runtime {

struct Commit {
    std::uint64_t generation = 0;  // of the daemon's run that made it; 0: of an earlier run
    std::string time;              // RFC 3339
    std::string user;              // who asked for it
    std::string via;               // by what: "commit", "load", "port add", "boot", "confirm timeout", ...
    std::string comment;
    bool confirmed = true;
    std::string document;  // JSON
};

class CommitHistory {
public:
    static constexpr std::size_t kMost = 50;  // the oldest is forgotten

    // In memory alone.
    CommitHistory() = default;
    // What `folder` holds; it is made when it is missing (mode 0750), and its parent must be there. A file that cannot be read is
    // passed over with a sentence in `warnings`.
    static Result<CommitHistory> open(const std::string& folder, std::vector<std::string>& warnings);

    const std::deque<Commit>& commits() const { return commits_; }
    // An error means that it could not be written, and is not in the history either.
    Result<void> add(Commit commit);
    // The commit in force has been confirmed.
    Result<void> confirm();

private:
    std::string file_of(std::uint64_t sequence) const;

    std::string folder_;  // empty: in memory alone
    std::deque<Commit> commits_;
    std::uint64_t newest_ = 0;  // sequence number of commits_[0]
};

}  // namespace hairpin::runtime
