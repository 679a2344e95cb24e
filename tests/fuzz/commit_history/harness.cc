// The daemon's --state folder, as a crash or somebody else left it. Files follow each other, divided by a NUL: a line with the name,
// then what is in it. What is damaged is passed over; what is committed then is there at the next start.

#include <fstream>

#include "runtime/commit_history.h"
#include "runtime/commits.h"
#include "runtime/running_configuration.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/temporary_folder.h"

namespace hairpin::runtime {
namespace {

using fuzz::holds;

constexpr std::size_t kMostFiles = 8;

void write_file(const std::string& folder, std::string_view file) {
    const std::string name{file.substr(0, file.find('\n'))};
    if (name.empty() || name.size() > 64 || name.find('/') != std::string::npos || name.starts_with('.')) return;
    std::ofstream{folder + "/" + name, std::ios::binary} << file.substr(std::min(name.size() + 1, file.size()));
}

CommitHistory opened(const std::string& folder) {
    std::vector<std::string> warnings;
    auto history = CommitHistory::open(folder, warnings);
    holds(history.has_value(), "the folder cannot be opened: " + (history ? "" : history.error().message));
    holds(history->commits().size() <= CommitHistory::kMost, "more commits than are kept");
    return std::move(*history);
}

// What was committed last is what the next start finds.
void check_commit(CommitHistory history, const std::string& folder) {
    Commit commit{.time = "2026-01-31T12:00:00Z", .user = "root", .via = "commit", .document = "{}"};
    const auto added = history.add(commit);
    holds(added.has_value(), "a commit cannot be added: " + (added ? "" : added.error().message));
    const CommitHistory next = opened(folder);
    holds(!next.commits().empty() && next.commits()[0].time == commit.time, "what was committed is not found any more");
}

}  // namespace
}  // namespace hairpin::runtime

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::runtime;
    static const hairpin::fuzz::TemporaryFolder folder;
    folder.empty();
    std::string_view text = hairpin::fuzz::Input{data, size}.rest();
    for (std::size_t files = 0; files < kMostFiles && !text.empty(); ++files) {
        const std::size_t end = std::min(text.find('\0'), text.size());
        write_file(folder.path(), text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    CommitHistory history = opened(folder.path());
    if (const auto document = Commits::document_to_boot(history)) (void)RunningConfiguration::read(*document);
    check_commit(std::move(history), folder.path());
    return 0;
}
