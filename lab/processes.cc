#include "lab/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <thread>
#include <tuple>
#include <utility>

#include "lab/files.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kPatience{2000};  // between SIGTERM and SIGKILL, and again after it
// Words of /proc/<pid>/stat behind the second, which is the program's name in parentheses and may hold anything.
constexpr std::size_t kStateField = 3 - 3;
constexpr std::size_t kStartField = 22 - 3;
constexpr int kNoSuchProgram = 127, kProgramCannotRun = 126;  // as shells tell it
constexpr int kRounds = 10;                                   // how often a namespace may give birth while it is being emptied

// Argument and environment vectors as the system wants them: null-terminated arrays of pointers into strings that stay here.
class CStrings {
public:
    explicit CStrings(std::vector<std::string> texts) : texts_(std::move(texts)) {
        for (std::string& text : texts_) pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
    }
    CStrings(const CStrings&) = delete;
    CStrings& operator=(const CStrings&) = delete;
    CStrings(CStrings&&) = delete;
    CStrings& operator=(CStrings&&) = delete;
    ~CStrings() = default;
    char** data() { return pointers_.data(); }

private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

std::vector<std::string> environment_with(const std::map<std::string, std::string>& additions) {
    std::vector<std::string> result;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view entry{*each};
        if (!additions.contains(std::string{entry.substr(0, entry.find('='))})) result.emplace_back(entry);
    }
    for (const auto& [name, value] : additions) result.push_back(fmt::format("{}={}", name, value));
    return result;
}

// What posix_spawn does in the child before the program starts.
class SpawnActions {
public:
    SpawnActions() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
    }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    SpawnActions(SpawnActions&&) = delete;
    SpawnActions& operator=(SpawnActions&&) = delete;
    ~SpawnActions() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    void prepare(const Command& command) {
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (command.output >= 0) posix_spawn_file_actions_adddup2(&actions_, command.output, STDOUT_FILENO);
        if (command.error_output >= 0) posix_spawn_file_actions_adddup2(&actions_, command.error_output, STDERR_FILENO);
        if (command.passed >= 0) posix_spawn_file_actions_adddup2(&actions_, command.passed, kPassedDescriptor);
        posix_spawn_file_actions_addchdir_np(&actions_, command.folder.c_str());
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID);
    }
    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

Result<void> enter(const FileDescriptor& network_namespace, const std::string& name) {
    if (::setns(network_namespace.get(), CLONE_NEWNET) == 0) return {};
    return failure(fmt::format("cannot enter the namespace {}: {}", name, system_error()));
}

Result<pid_t> spawn(const Command& command) {
    SpawnActions actions;
    actions.prepare(command);
    CStrings words{command.words};
    CStrings environment{environment_with(command.environment)};
    pid_t child = 0;
    const int problem =
        ::posix_spawnp(&child, words.data()[0], actions.actions(), actions.attributes(), words.data(), environment.data());
    if (problem != 0) return failure(fmt::format("cannot start {}: {}", command.words[0], std::strerror(problem)));
    return child;
}

FileDescriptor open_process(pid_t pid) { return FileDescriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))}; }

void signal_process(const FileDescriptor& process, int number) {
    ::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0);
}

// Whether the process ended before the deadline.
bool wait_until_ended(const FileDescriptor& process, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        pollfd waiting{.fd = process.get(), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::max(left, milliseconds{0}).count()));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

std::vector<pid_t> processes_in(std::span<const NamespaceId> namespaces) {
    std::vector<pid_t> found;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc", none}) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{}) continue;
        const auto lives_in = namespace_id(entry.path() / "ns/net");
        if (lives_in && std::find(namespaces.begin(), namespaces.end(), *lives_in) != namespaces.end()) found.push_back(pid);
    }
    return found;
}

// A descriptor for each: once it is open the number cannot come to mean another process, so what it names is asked after that.
std::vector<FileDescriptor> hold_processes(std::span<const NamespaceId> namespaces, std::span<const ProcessId> besides) {
    std::vector<FileDescriptor> held;
    for (const pid_t pid : processes_in(namespaces)) {
        FileDescriptor process = open_process(pid);
        const auto lives_in = namespace_id(fmt::format("/proc/{}/ns/net", pid));
        if (process && lives_in && std::find(namespaces.begin(), namespaces.end(), *lives_in) != namespaces.end()) {
            held.push_back(std::move(process));
        }
    }
    for (const ProcessId& id : besides) {
        FileDescriptor process = open_process(id.pid);
        if (process && id.is_running()) held.push_back(std::move(process));
    }
    return held;
}

void end_held(const std::vector<FileDescriptor>& held) {
    for (const int number : {SIGTERM, SIGKILL}) {
        for (const FileDescriptor& process : held) signal_process(process, number);
        const auto deadline = Clock::now() + kPatience;
        if (std::all_of(held.begin(), held.end(), [&](const FileDescriptor& each) { return wait_until_ended(each, deadline); }))
            return;
    }
}

int shell_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

// For this process alone, and whoever it becomes: the rest of the machine sees no other mount.
void show_own_sysfs() {
    constexpr unsigned long kReadOnly = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return;
    std::ignore = ::mount("sysfs", "/sys", "sysfs", kReadOnly, nullptr);
}

Result<std::string> content_of(const FileDescriptor& memory) { return read_file(fmt::format("/proc/self/fd/{}", memory.get())); }

}  // namespace

ProcessId ProcessId::of(pid_t pid) {
    ProcessId id{.pid = pid};
    const auto text = read_file(fmt::format("/proc/{}/stat", pid));
    if (!text) return id;
    std::istringstream rest{text->substr(std::min(text->rfind(')') + 1, text->size()))};
    const std::vector<std::string> fields{std::istream_iterator<std::string>{rest}, {}};
    // A zombie has ended; that nobody has asked for its status yet is not our business.
    if (fields.size() <= kStartField || fields[kStateField] == "Z" || fields[kStateField] == "X") return id;
    std::from_chars(fields[kStartField].data(), fields[kStartField].data() + fields[kStartField].size(), id.start_ticks);
    return id;
}

bool ends_within(const ProcessId& id, milliseconds limit) {
    const FileDescriptor process = open_process(id.pid);
    return !process || !id.is_running() || wait_until_ended(process, Clock::now() + limit);
}

// proc(5): behind each word stands a zero byte.
Result<std::vector<std::string>> words_of(const ProcessId& process) {
    const auto line = read_file(fmt::format("/proc/{}/cmdline", process.pid));
    if (!line) return tl::unexpected(line.error());
    std::vector<std::string> words;
    std::istringstream text{*line};
    for (std::string word; std::getline(text, word, '\0');) words.push_back(word);
    if (!process.is_running()) return failure(fmt::format("process {} does not run", process.pid));
    return words;
}

Result<void> kill_process(const ProcessId& id, milliseconds limit) {
    const FileDescriptor process = open_process(id.pid);
    if (!process || !id.is_running()) return {};
    signal_process(process, SIGKILL);
    if (wait_until_ended(process, Clock::now() + limit)) return {};
    return failure(fmt::format("process {} has been killed and does not end", id.pid));
}

Result<pid_t> start_in_namespace(const std::string& namespace_name, const Command& command) {
    const auto network_namespace = open_namespace(namespace_name);
    if (!network_namespace) return tl::unexpected(network_namespace.error());
    Result<pid_t> child;
    std::thread{[&] {
        const auto entered = enter(*network_namespace, namespace_name);
        child = entered ? spawn(command) : tl::unexpected(entered.error());
    }}.join();
    return child;
}

Result<int> wait_for(pid_t child, milliseconds limit) {
    const FileDescriptor process = open_process(child);
    const bool ended = process && wait_until_ended(process, Clock::now() + limit);
    if (!ended) ::kill(-child, SIGKILL);  // the session's first process leads a process group of the same number
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return failure(fmt::format("cannot wait for process {}: {}", child, system_error()));
    if (!ended)
        return failure(fmt::format("did not end within {} s and was killed", std::chrono::duration<double>(limit).count()));
    return shell_status(status);
}

namespace {

template <class Start>
Result<Finished> run_to_its_end(Command command, milliseconds limit, Start start) {
    // Files in memory instead of pipes: a program that goes into the background may keep them open without us waiting for it.
    const FileDescriptor output{::memfd_create("stdout", MFD_CLOEXEC)};
    const FileDescriptor error_output{::memfd_create("stderr", MFD_CLOEXEC)};
    if (!output || !error_output) return failure("memfd_create: " + system_error());
    command.output = output.get();
    command.error_output = error_output.get();

    const Result<pid_t> child = start(command);
    if (!child) return tl::unexpected(child.error());
    const auto status = wait_for(*child, limit);
    if (!status) return tl::unexpected(status.error());
    auto said = content_of(output);
    auto complained = content_of(error_output);
    if (!said || !complained) return failure("cannot read what the command said: " + system_error());
    return Finished{.status = *status, .output = *std::move(said), .error_output = *std::move(complained)};
}

}  // namespace

Result<Finished> run_in_namespace(const std::string& namespace_name, Command command, milliseconds limit) {
    return run_to_its_end(std::move(command), limit,
                          [&](const Command& ready) { return start_in_namespace(namespace_name, ready); });
}

Result<Finished> run_here(Command command, milliseconds limit) { return run_to_its_end(std::move(command), limit, spawn); }

NotBecome become_in_namespace(const std::string& namespace_name, const Command& command) {
    const auto network_namespace = open_namespace(namespace_name);
    if (!network_namespace) return {network_namespace.error().message};
    if (const auto entered = enter(*network_namespace, namespace_name); !entered) return {entered.error().message};
    show_own_sysfs();
    if (::chdir(command.folder.c_str()) != 0) return {fmt::format("cannot go to {}: {}", command.folder, system_error())};
    CStrings words{command.words};
    CStrings environment{environment_with(command.environment)};
    ::execvpe(words.data()[0], words.data(), environment.data());
    const int status = errno == ENOENT || errno == ENOTDIR ? kNoSuchProgram : kProgramCannotRun;
    return {fmt::format("cannot start {}: {}", command.words[0], system_error()), status};
}

Result<void> end_processes(std::span<const NamespaceId> namespaces, std::span<const ProcessId> besides) {
    const auto own = namespace_id("/proc/self/ns/net");
    if (!own || std::find(namespaces.begin(), namespaces.end(), *own) != namespaces.end()) {
        return failure("this command runs inside the lab itself; leave the lab's shell and run it again outside");
    }
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<FileDescriptor> held = hold_processes(namespaces, besides);
        if (held.empty()) return {};
        end_held(held);
    }
    return failure("processes of the lab do not end, even when they are killed");
}

}  // namespace hairpin::lab
