#include "runtime/commits.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/log.h"

namespace hairpin::runtime {

namespace {

tl::unexpected<Commits::Refusal> refuse(Commits::Refusal::Reason reason, Error error) {
    return tl::unexpected(Commits::Refusal{reason, std::move(error)});
}

}  // namespace

Commits::Commits(RunningConfiguration& running, Worker& worker, CommitHistory history, Observer observer)
    : running_(running), worker_(worker), history_(std::move(history)), observer_(std::move(observer)) {
    // What runs is always number 0: it may come from a file, or from before a commit that nobody confirmed.
    const auto& commits = history_.commits();
    const bool already =
        !commits.empty() && commits[0].confirmed && nlohmann::json::parse(commits[0].document) == running_.document();
    if (already) return;
    if (const auto kept = record("", "boot", "", true); !kept)
        log::warn("event=commit_not_kept reason=\"" + kept.error().message + "\"");
}

std::optional<std::string> Commits::document_to_boot(const CommitHistory& history) {
    const auto found =
        std::find_if(history.commits().begin(), history.commits().end(), [](const Commit& commit) { return commit.confirmed; });
    if (found == history.commits().end()) return std::nullopt;
    return found->document;
}

std::uint64_t Commits::generation() const { return running_.compiled().ruleset->generation; }

std::optional<Error> Commits::conflict_of(const Request& request) const {
    if (!request.base || *request.base == generation()) return std::nullopt;
    return Error{fmt::format("generation {} is in force and not {}", generation(), *request.base)};
}

tl::expected<Commits::Change, Commits::Refusal> Commits::check(const Request& request) const {
    if (const auto conflict = conflict_of(request)) return refuse(Refusal::Reason::conflict, *conflict);
    auto change = running_.check(request.document, worker_);
    if (!change) return refuse(Refusal::Reason::document, change.error());
    return std::move(*change);
}

tl::expected<Commits::Change, Commits::Refusal> Commits::commit(const Request& request, Timestamp now) {
    if (const auto conflict = conflict_of(request)) return refuse(Refusal::Reason::conflict, *conflict);
    // A commit on top of one that waits confirms that one, but is undone to what was confirmed by hand when it waits itself.
    std::string before = pending_ ? pending_->document : running_.text();
    using Consent = RunningConfiguration::Consent;
    auto change = running_.replace(request.document, worker_, request.force ? Consent::given : Consent::asked);
    if (!change) return refuse(Refusal::Reason::document, change.error());
    if (pending_ && !request.confirm)
        if (const auto kept = history_.confirm(); !kept) log::warn(kept.error().message);
    pending_.reset();
    if (request.confirm) pending_ = Pending{now + *request.confirm, std::move(before)};
    if (const auto kept = record(request.user, request.via, request.comment, !request.confirm); !kept)
        change->warnings.push_back("it is in force, but will not survive the daemon: " + kept.error().message);
    observer_("commit", history()[0]);
    return std::move(*change);
}

Result<void> Commits::record(const std::string& user, const std::string& via, const std::string& comment, bool confirmed) {
    return history_.add({generation(), wall_clock_text(), user, via, comment, confirmed, running_.text()});
}

Result<void> Commits::add_port(const nlohmann::json& port, const std::string& user) {
    if (auto added = running_.add_port(port, worker_); !added) return added;
    if (const auto kept = record(user, "port add", port.value("name", ""), !pending_); !kept) log::warn(kept.error().message);
    observer_("commit", history()[0]);
    return {};
}

Result<void> Commits::remove_port(const std::string& name, const std::string& user) {
    if (auto removed = running_.remove_port(name, worker_); !removed) return removed;
    if (const auto kept = record(user, "port remove", name, !pending_); !kept) log::warn(kept.error().message);
    observer_("commit", history()[0]);
    return {};
}

Result<bool> Commits::confirm(const std::string& user) {
    if (!pending_) return false;
    if (const auto kept = history_.confirm(); !kept) return tl::unexpected(kept.error());
    pending_.reset();
    Commit confirmed = history()[0];
    confirmed.user = user;
    observer_("confirm", confirmed);
    return true;
}

void Commits::look(Timestamp now) {
    if (!pending_ || now < pending_->until) return;
    const Pending pending = std::move(*pending_);
    pending_.reset();
    const std::string user = history()[0].user;
    if (const auto back = running_.replace(pending.document, worker_, RunningConfiguration::Consent::given); !back) {
        log::warn("event=revert_failed reason=\"" + back.error().message + "\"");
        return;
    }
    if (const auto kept = record(user, "confirm timeout", "", true); !kept) log::warn(kept.error().message);
    observer_("revert", history()[0]);
}

std::optional<std::chrono::seconds> Commits::time_left(Timestamp now) const {
    if (!pending_) return std::nullopt;
    return std::max(std::chrono::seconds{0}, std::chrono::ceil<std::chrono::seconds>(pending_->until - now));
}

}  // namespace hairpin::runtime
