#include "runtime/commit_history.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "net/numbers.h"
#include "runtime/durable_file.h"

namespace hairpin::runtime {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "commit-", kSuffix = ".json";

tl::unexpected<Error> system_failure(const std::string& what, const std::string& file) {
    return failure(fmt::format("commit history: {} {}: {}", what, file, std::strerror(errno)));
}

// The number in "commit-00000007.json".
std::optional<std::uint64_t> sequence_of(const std::string& name) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() <= kPrefix.size() + kSuffix.size())
        return std::nullopt;
    return parse_number(std::string_view{name}.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()),
                        0xffff'ffff);
}

// The document is text already, and stays as it is: making values of it, or lines, would take longer than everything else.
std::string file_text(const Commit& commit) {
    std::string text = json{
        {"time", commit.time},
        {"user", commit.user},
        {"via", commit.via},
        {"comment", commit.comment},
        {"confirmed",
         commit.confirmed}}.dump();
    text.pop_back();
    return text + ",\"config\":" + commit.document + "}\n";
}

std::optional<Commit> from_file(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    const json content = json::parse(file, nullptr, false);
    if (!content.is_object() || !content.contains("config") || !content["config"].is_object()) return std::nullopt;
    const auto text = [&](const char* key) {
        const auto found = content.find(key);
        return found != content.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    const auto confirmed = content.find("confirmed");
    return Commit{0,
                  text("time"),
                  text("user"),
                  text("via"),
                  text("comment"),
                  confirmed != content.end() && confirmed->is_boolean() && confirmed->get<bool>(),
                  content["config"].dump()};
}

tl::unexpected<Error> of_history(const Error& error) { return failure("commit history: " + error.message); }

}  // namespace

Result<CommitHistory> CommitHistory::open(const std::string& folder, std::vector<std::string>& warnings) {
    if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return system_failure("cannot make the folder", folder);
    std::vector<std::pair<std::uint64_t, fs::path>> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error})
        if (const auto sequence = sequence_of(entry.path().filename())) files.emplace_back(*sequence, entry.path());
    if (error) return failure(fmt::format("commit history: cannot read the folder {}: {}", folder, error.message()));
    std::sort(files.rbegin(), files.rend());

    CommitHistory history;
    history.folder_ = folder;
    if (!files.empty()) history.newest_ = files.front().first;
    for (const auto& [sequence, path] : files) {
        if (history.commits_.size() == kMost) break;
        if (auto commit = from_file(path))
            history.commits_.push_back(std::move(*commit));
        else
            warnings.push_back("commit history: " + path.string() + " is damaged, and passed over");
    }
    return history;
}

std::string CommitHistory::file_of(std::uint64_t sequence) const {
    return fmt::format("{}/{}{:08}{}", folder_, kPrefix, sequence, kSuffix);
}

Result<void> CommitHistory::add(Commit commit) {
    if (!folder_.empty()) {
        const std::string file = file_of(newest_ + 1);
        Result<void> written = write_durably(file, file_text(commit));
        if (!written) written = of_history(written.error());
        if (written && !sync_folder(folder_)) written = system_failure("cannot write", file);
        if (!written) {
            ::unlink(file.c_str());
            return written;
        }
        if (newest_ >= kMost) ::unlink(file_of(newest_ + 1 - kMost).c_str());
    }
    ++newest_;
    commits_.push_front(std::move(commit));
    if (commits_.size() > kMost) commits_.pop_back();
    return {};
}

// The file that there is must not be lost, whatever happens: another one takes its name.
Result<void> CommitHistory::confirm() {
    if (commits_.empty() || commits_[0].confirmed) return {};
    commits_[0].confirmed = true;
    if (folder_.empty()) return {};
    const auto written = replace_durably(file_of(newest_), file_text(commits_[0]));
    if (!written) return of_history(written.error());
    return {};
}

}  // namespace hairpin::runtime
