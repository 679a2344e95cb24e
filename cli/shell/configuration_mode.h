#pragma once
// The mode in which a configuration is changed, `#`. All changes are made to a candidate that is the shell's own; nothing happens in
// the daemon before `commit`. The daemon refuses a commit whose candidate began from a configuration that is no longer in force, so
// of two people neither can overwrite the other unseen; `update` puts one's changes on top of the other's.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/shell/daemon_link.h"
#include "cli/shell/mode.h"
#include "cli/shell/operational_mode.h"
#include "config/candidate/candidate.h"

namespace hairpin::cli {

class ConfigurationMode final : public Mode {
public:
    // Fetches the configuration in force. Daemon and operational mode outlive this.
    static Outcome<ConfigurationMode> enter(std::string name, DaemonLink& daemon, OperationalMode& operational);

    std::string prompt() const override;
    Expectations expect(Words words) override;
    bool may_end(Words words) override;
    Outcome<Next> run(Words words, OutputStream& out) override;

private:
    struct Row {
        std::string_view word, description;
        Outcome<Next> (ConfigurationMode::*run)(Words words, OutputStream& out);
        std::span<const Term> terms = {};
        std::optional<config::Candidate::Purpose> path = {};  // a path of the configuration follows instead of terms
    };
    static const std::vector<Row>& rows();
    // The row that a word, which may be abbreviated, begins.
    static Outcome<const Row*> row_of(const std::string& word);

    ConfigurationMode(std::string name, DaemonLink& daemon, OperationalMode& operational, config::Candidate running,
                      std::uint64_t generation);

    // The commands, each with its words behind the command's own.
    Outcome<Next> set(Words words, OutputStream& out);
    Outcome<Next> remove(Words words, OutputStream& out);
    Outcome<Next> edit(Words words, OutputStream& out);
    Outcome<Next> up(Words words, OutputStream& out);
    Outcome<Next> top(Words words, OutputStream& out);
    Outcome<Next> show(Words words, OutputStream& out);
    Outcome<Next> compare(Words words, OutputStream& out);
    Outcome<Next> copy(Words words, OutputStream& out);
    Outcome<Next> rename(Words words, OutputStream& out);
    Outcome<Next> insert(Words words, OutputStream& out);
    Outcome<Next> annotate(Words words, OutputStream& out);
    Outcome<Next> load(Words words, OutputStream& out);
    Outcome<Next> save(Words words, OutputStream& out);
    Outcome<Next> commit(Words words, OutputStream& out);
    Outcome<Next> confirm(Words words, OutputStream& out);
    Outcome<Next> update(Words words, OutputStream& out);
    Outcome<Next> discard(Words words, OutputStream& out);
    Outcome<Next> rollback(Words words, OutputStream& out);
    Outcome<Next> trace(Words words, OutputStream& out);
    Outcome<Next> test(Words words, OutputStream& out);
    Outcome<Next> run_operational(Words words, OutputStream& out);
    Outcome<Next> exit(Words words, OutputStream& out);

    // A path as typed, from the top of the tree.
    std::vector<std::string> from_top(Words words) const;
    static constexpr std::size_t kNoMiddle = ~std::size_t{0};
    tl::unexpected<Failure> wrong(const config::EditError& error, Words words, std::size_t middle = kNoMiddle) const;
    Expectations expect_key(Words entry, config::Candidate::Purpose purpose) const;
    tl::unexpected<Failure> refused_document(control::CallError error) const;
    Outcome<config::Candidate> rolled_back(const std::string& number);
    Outcome<Next> ask_candidate(std::string_view command, Words words, OutputStream& out);
    Outcome<void> fetch_running();
    bool changed() const { return !candidate_.difference(running_).empty(); }

    std::string name_;
    DaemonLink& daemon_;
    OperationalMode& operational_;
    config::Candidate running_;  // as it was when the candidate began, or was last committed
    config::Candidate candidate_;
    std::uint64_t generation_;  // of running_
    std::vector<std::string> level_;
};

}  // namespace hairpin::cli
