#pragma once
// The mode in which a configuration is changed, `#`. All changes are made to a candidate that is the shell's own; nothing happens in
// the daemon before `commit`. The daemon refuses a commit whose candidate began from a configuration that is no longer in force, so
// of two people neither can overwrite the other unseen; `update` puts one's changes on top of the other's.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/described.h"
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
    std::optional<Failure> mistake(Words words) const override;
    Outcome<Next> run(Words words, OutputStream& out) override;

    // A command of this mode. The table stands in configuration_commands.cc.
    struct Row {
        std::string_view word, description;
        std::string_view details, example;  // as a Command's: whole sentences, and lines to type
        // What follows is either terms, which are read before the command is done,
        std::span<const Term> terms = {};
        Outcome<Next> (ConfigurationMode::*with_terms)(const nlohmann::json& terms, OutputStream& out) = nullptr;
        // or words that it reads itself, in the shape of `usage`; where they begin with a path of the configuration, its purpose.
        std::string_view usage = {};
        std::optional<config::Candidate::Purpose> path = {};
        Outcome<Next> (ConfigurationMode::*with_words)(Words words, OutputStream& out) = nullptr;
    };
    static std::span<const Row> rows();
    // The row that a word, which may be abbreviated, begins.
    static Outcome<const Row*> row_of(const std::string& word);
    static Described described(const Row& row);

private:
    ConfigurationMode(std::string name, DaemonLink& daemon, OperationalMode& operational, config::Candidate running,
                      std::uint64_t generation);

    Outcome<Next> run_with_terms(const Row& row, Words words, OutputStream& out);
    // The commands. Those with words have them behind the command's own.
    Outcome<Next> set(Words words, OutputStream& out);
    Outcome<Next> remove(Words words, OutputStream& out);
    Outcome<Next> edit(Words words, OutputStream& out);
    Outcome<Next> up(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> top(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> show(Words words, OutputStream& out);
    Outcome<Next> compare(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> copy(Words words, OutputStream& out);
    Outcome<Next> rename(Words words, OutputStream& out);
    Outcome<Next> insert(Words words, OutputStream& out);
    Outcome<Next> annotate(Words words, OutputStream& out);
    Outcome<Next> load(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> save(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> commit(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> confirm(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> update(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> discard(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> rollback(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> trace(Words words, OutputStream& out);
    Outcome<Next> test(Words words, OutputStream& out);
    Outcome<Next> run_operational(Words words, OutputStream& out);
    Outcome<Next> help(const nlohmann::json& terms, OutputStream& out);
    Outcome<Next> exit(const nlohmann::json& terms, OutputStream& out);

    // A path as typed, from the top of the tree.
    std::vector<std::string> from_top(Words words) const;
    static constexpr std::size_t kNoMiddle = ~std::size_t{0};
    tl::unexpected<Failure> wrong(const config::EditError& error, Words words, std::size_t middle = kNoMiddle) const;
    std::optional<Failure> mistake_in_path(const Row& row, Words words) const;
    Expectations expect_key(Words entry, config::Candidate::Purpose purpose) const;
    tl::unexpected<Failure> refused_document(control::CallError error) const;
    Outcome<config::Candidate> rolled_back(const std::string& number);
    Outcome<Next> ask_candidate(std::string_view command, Words words, OutputStream& out);
    Outcome<void> fetch_running();
    bool changed() const { return !candidate_.difference(running_).empty(); }
    // Whether what is in force will be undone unless somebody confirms it.
    Outcome<bool> waits_for_confirmation();

    std::string name_;
    DaemonLink& daemon_;
    OperationalMode& operational_;
    config::Candidate running_;  // as it was when the candidate began, or was last committed
    config::Candidate candidate_;
    std::uint64_t generation_;  // of running_
    std::vector<std::string> level_;
};

}  // namespace hairpin::cli
