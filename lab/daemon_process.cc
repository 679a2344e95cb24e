#include "lab/daemon_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "lab/daemon_check.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/namespaces.h"
#include "lab/node_commands.h"
#include "lab/processes.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kDaemonError = "hairpind: error: ";  // how its last words begin
constexpr std::chrono::milliseconds kDaemonPatience{10'000};
constexpr std::chrono::milliseconds kPatiencePerNode{50};  // each has a TAP, which the kernel makes in its own time
constexpr std::chrono::milliseconds kPatienceWithKilled{2000};

// hairpind ends with one line that says why; when it does not, more of its log is worth seeing.
std::string end_of_log(const LabPaths& paths) {
    const std::string log = read_file(paths.daemon_log()).value_or("");
    const std::string last = last_lines(log, 1);
    if (last.starts_with(kDaemonError)) return last.substr(kDaemonError.size());
    return log.empty() ? "it left no word in its log" : "the end of its log:\n" + last_lines(log, 20);
}

Result<void> wait_until_ready(const LabState& lab, const FileDescriptor& ready) {
    pollfd waiting{.fd = ready.get(), .events = POLLIN, .revents = 0};
    const std::chrono::milliseconds patience = kDaemonPatience + kPatiencePerNode * lab.nodes.size();
    int answered = 0;
    while ((answered = ::poll(&waiting, 1, static_cast<int>(patience.count()))) < 0 && errno == EINTR) {
    }
    char byte = 0;
    if (answered > 0 && ::read(ready.get(), &byte, 1) == 1) return {};
    return failure(fmt::format("hairpind {}: {}",
                               answered == 0 ? fmt::format("is not ready after {} s", patience.count() / 1000) : "did not start",
                               end_of_log(LabPaths{lab.lab})));
}

// `words` say that it is to tell at kPassedDescriptor when it is ready.
Result<void> start(LabState& lab, std::vector<std::string> words) {
    const LabPaths paths{lab.lab};
    const auto log = open_log(paths.daemon_log());
    if (!log) return tl::unexpected(log.error());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe: " + system_error());
    const FileDescriptor ready{ends[0]};
    FileDescriptor told{ends[1]};

    const Command command{.words = std::move(words),
                          .folder = paths.folder,
                          .output = log->get(),
                          .error_output = log->get(),
                          .passed = told.get()};
    const auto daemon = start_in_namespace(namespace_name(lab.lab, lab.gateway()->name), command);
    if (!daemon) return tl::unexpected(daemon.error());
    lab.daemon = ProcessId::of(*daemon);
    if (auto noted = write_state(lab); !noted) return noted;
    told.reset();  // now only hairpind holds it, so that its end is seen as the end of the pipe
    return wait_until_ready(lab, ready);
}

}  // namespace

Result<void> start_daemon(LabState& lab, const std::vector<std::string>& options) {
    const LabPaths paths{lab.lab};
    std::vector<std::string> words = {daemon_program(),
                                      "--config",
                                      paths.daemon_config(),
                                      "--state",
                                      paths.commits(),
                                      "--socket",
                                      paths.control_socket(),
                                      "--port-socket",
                                      paths.port_socket(),
                                      "--ready-fd",
                                      std::to_string(kPassedDescriptor)};
    words.insert(words.end(), options.begin(), options.end());
    return start(lab, std::move(words));
}

Result<void> restart_daemon(LabState& lab) {
    return words_of(lab.daemon).and_then([&](std::vector<std::string> words) {
        return kill_process(lab.daemon, kPatienceWithKilled).and_then([&] { return start(lab, std::move(words)); });
    });
}

}  // namespace hairpin::lab
