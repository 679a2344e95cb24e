#include "lab/enclave_holder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <tuple>

#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/namespace_limits.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHolderName = "hairpin-enclave";  // what `ps` calls it
constexpr char kReady = '+';                            // what it says when all is arranged; anything else is an error's text

Result<void> write_setting(const std::string& path, const std::string& text) {
    const FileDescriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return failure(fmt::format("{}: {}", path, system_error()));
    return {};
}

Result<void> become_root_of_new_namespaces() {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return failure("a user namespace: " + system_error());
    return write_setting("/proc/self/setgroups", "deny")
        .and_then([&] { return write_setting("/proc/self/uid_map", fmt::format("0 {} 1", user)); })
        .and_then([&] { return write_setting("/proc/self/gid_map", fmt::format("0 {} 1", group)); });
}

Result<void> bind_mount(const std::string& what, const std::string& place) {
    if (::mount(what.c_str(), place.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0) return {};
    return failure(fmt::format("cannot mount {} on {}: {}", what, place, system_error()));
}

// Something of the machine's /run, at its place in the new one. What cannot be shown is not there: most of /run is of no concern to labs.
void show(const fs::path& what, const fs::path& place) {
    std::error_code problem;
    const fs::file_status status = fs::symlink_status(what, problem);
    if (fs::is_symlink(status)) {
        fs::copy_symlink(what, place, problem);
        return;
    }
    if (fs::is_directory(status))
        fs::create_directory(place, problem);
    else
        std::ignore = FileDescriptor{::open(place.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644)};
    std::ignore = bind_mount(what, place);
}

// A /run in which we may write, with all that the machine's own has, but for the two folders that labs use.
Result<void> mount_run(const std::string& folder) {
    const FileDescriptor machines{::open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const FileDescriptor kept{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!machines || !kept) return failure(fmt::format("cannot open /run and {}: {}", folder, system_error()));
    if (::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0)
        return failure("cannot mount a /run of its own: " + system_error());

    const fs::path before = fmt::format("/proc/self/fd/{}", machines.get());
    std::error_code none;
    for (const auto& entry : fs::directory_iterator{before, none}) {
        const fs::path name = entry.path().filename();
        if (name != "hairpin" && name != "netns") show(entry.path(), "/run" / name);
    }
    return make_folders(kRunFolder).and_then([&] { return bind_mount(fmt::format("/proc/self/fd/{}", kept.get()), kRunFolder); });
}

// Users and groups have no ids here but 0.
Result<void> mount_names(const std::string& database) {
    const auto names = read_file("/etc/" + database);
    if (!names) return {};  // a machine without them needs none
    const std::string place = "/run/hairpin-enclave." + database;
    return write_file(place, with_ids_of_root(*names)).and_then([&] { return bind_mount(place, "/etc/" + database); });
}

Result<void> arrange_mounts(const std::string& folder) {
    // What the machine mounts later is seen; what we mount, nobody else sees.
    if (::mount("", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
        return failure("cannot part from the machine's mounts: " + system_error());
    return mount_run(folder).and_then([] { return mount_names("passwd"); }).and_then([] { return mount_names("group"); });
}

// Lets go of everything that belongs to who started us: the terminal, pipes that somebody reads to their end, the folder.
void let_go() {
    const FileDescriptor nothing{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing.get(), standard);
    std::ignore = ::chdir("/");
}

[[noreturn]] void hold(const std::string& folder, FileDescriptor told) {
    ::setsid();
    ::prctl(PR_SET_NAME, kHolderName);
    auto arranged = become_root_of_new_namespaces().and_then([&] { return arrange_mounts(folder); });
    const std::string word = arranged ? std::string{kReady} : arranged.error().message;
    let_go();
    std::ignore = ::write(told.get(), word.data(), word.size());
    if (!arranged) ::_exit(1);
    told.reset();
    ::close_range(3, ~0U, 0);
    for (const int number : {SIGINT, SIGHUP, SIGTERM})
        std::signal(number, SIG_IGN);  // a lab is taken down by `lab down`, not by a logout
    for (;;) ::pause();
}

std::string read_to_end(const FileDescriptor& from) {
    std::string text;
    std::array<char, 1024> part;
    for (;;) {
        const ssize_t size = ::read(from.get(), part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
}

FileDescriptor open_namespace_of(const ProcessId& process, std::string_view kind) {
    return FileDescriptor{::open(fmt::format("/proc/{}/ns/{}", process.pid, kind).c_str(), O_RDONLY | O_CLOEXEC)};
}

}  // namespace

std::string with_ids_of_root(const std::string& database) {
    std::string text;
    std::istringstream lines{database};
    for (std::string line; std::getline(lines, line);) {
        // name:password:id:... of both; in passwd the group's id comes next.
        std::size_t at = 0;
        for (int field = 0; at < line.size(); ++field) {
            const std::size_t end = std::min(line.find(':', at), line.size());
            const bool is_number = end > at && line.find_first_not_of("0123456789", at) >= end;
            const bool is_id = (field == 2 || field == 3) && is_number;
            text += is_id ? "0" : line.substr(at, end - at);
            if (end < line.size()) text += ':';
            at = end + 1;
        }
        text += '\n';
    }
    return text;
}

Result<ProcessId> start_enclave_holder(const std::string& folder) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe: " + system_error());
    const FileDescriptor heard{ends[0]};
    FileDescriptor told{ends[1]};
    const pid_t child = ::fork();
    if (child < 0) return failure("fork: " + system_error());
    if (child == 0) hold(folder, std::move(told));
    told.reset();
    const std::string word = read_to_end(heard);
    if (word == std::string{kReady}) return ProcessId::of(child);

    ::waitpid(child, nullptr, 0);
    const std::string why = what_forbids_enclaves();
    return failure(fmt::format("an ordinary user's labs need a user namespace, and the system gives none ({}): {}",
                               word.empty() ? "it ended without a word" : word,
                               why.empty() ? "nothing in /proc/sys says why; sudo does without" : why));
}

Result<void> join_enclave(const ProcessId& holder) {
    std::error_code none;
    const fs::path folder = fs::current_path(none);
    const FileDescriptor users = open_namespace_of(holder, "user");
    const FileDescriptor mounts = open_namespace_of(holder, "mnt");
    if (!users || !mounts || ::setns(users.get(), CLONE_NEWUSER) != 0 || ::setns(mounts.get(), CLONE_NEWNS) != 0)
        return failure(fmt::format("cannot enter the namespaces of process {}, in which this user's labs are: {}", holder.pid,
                                   system_error()));
    // To enter mounts is to stand in their root.
    if (::chdir(folder.c_str()) != 0) std::ignore = ::chdir("/");
    return {};
}

}  // namespace hairpin::lab
