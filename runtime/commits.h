#pragma once
// How a configuration is put in force, by whom, and back again: everything that changes it goes through here, is checked against
// what others have done meanwhile, and stands in the history.
//
// A commit may wait for its confirmation. When its time is over it is undone: the configuration before it is put in force again, and
// sessions of which both decide the same go on. Another commit meanwhile confirms it, as in Junos.

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "net/time.h"
#include "runtime/commit_history.h"
#include "runtime/running_configuration.h"

namespace hairpin::runtime {

class Commits {
public:
    // Told of what happens, for monitors and the log: "commit", "confirm", "revert".
    using Observer = std::function<void(std::string_view event, const Commit& commit)>;

    // All of it outlives this. The history's newest is in force, or nothing is in it yet and `running` is what the daemon began with.
    Commits(RunningConfiguration& running, Worker& worker, CommitHistory history, Observer observer);

    // What there is to boot with: the newest commit that was confirmed. Nothing: the configuration file's turn.
    static std::optional<std::string> document_to_boot(const CommitHistory& history);

    struct Request {
        std::string document = {};               // JSON
        std::optional<std::uint64_t> base = {};  // the generation that the document was made from
        std::string user = {}, via = {}, comment = {};
        std::optional<std::chrono::seconds> confirm = {};  // undone after so long, unless confirmed
        bool force = false;                                // what RunningConfiguration::replace() wants consent for has it
    };
    struct Refusal {
        enum class Reason : std::uint8_t { document, conflict, history } reason;
        Error error;
    };
    using Change = RunningConfiguration::Change;

    // What the commit would do; nothing changes.
    tl::expected<Change, Refusal> check(const Request& request) const;
    tl::expected<Change, Refusal> commit(const Request& request, Timestamp now);
    // One port more or less; recorded like any commit.
    Result<void> add_port(const nlohmann::json& port, const std::string& user);
    Result<void> remove_port(const std::string& name, const std::string& user);

    // False when nothing waits.
    Result<bool> confirm(const std::string& user);
    // To be called now and then: undoes what was not confirmed in time.
    void look(Timestamp now);

    const std::deque<Commit>& history() const { return history_.commits(); }
    std::uint64_t generation() const;
    // Of the commit that waits.
    std::optional<std::chrono::seconds> time_left(Timestamp now) const;

private:
    std::optional<Error> conflict_of(const Request& request) const;
    Result<void> record(const std::string& user, const std::string& via, const std::string& comment, bool confirmed);

    RunningConfiguration& running_;
    Worker& worker_;
    CommitHistory history_;
    Observer observer_;
    struct Pending {
        Timestamp until;
        std::string document;  // to go back to
    };
    std::optional<Pending> pending_;
};

}  // namespace hairpin::runtime
