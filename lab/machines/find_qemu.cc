#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "lab/files.h"
#include "lab/machines/qemu.h"
#include "lab/processes.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {

namespace {

constexpr std::chrono::milliseconds kQemuPatience{10'000};

// What a program says on its standard output until it ends.
Result<std::string> said_by(std::string program, std::vector<std::string> arguments) {
    const FileDescriptor output{::memfd_create("stdout", MFD_CLOEXEC)};
    if (!output) return failure("memfd_create: " + system_error());
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);  // wait_for() ends a whole session
    std::vector<char*> words{program.data()};
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    pid_t child = 0;
    const int problem = ::posix_spawnp(&child, program.c_str(), &actions, &attributes, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (problem != 0) return failure(program + ": " + std::strerror(problem));
    const auto status = wait_for(child, kQemuPatience);
    if (!status) return failure(program + ": " + status.error().message);
    return read_file("/proc/self/fd/" + std::to_string(output.get()));
}

}  // namespace

Result<Qemu> find_qemu(const std::string& program) {
    const auto version = said_by(program, {"--version"});
    if (!version) return tl::unexpected(version.error());
    const auto backends = said_by(program, {"-netdev", "help"});
    if (!backends) return tl::unexpected(backends.error());
    auto qemu = read_qemu(program, *version, *backends);
    if (!qemu) return failure(program + ": says no version, as QEMU does");
    qemu->kvm = ::access("/dev/kvm", R_OK | W_OK) == 0;
    return *std::move(qemu);
}

}  // namespace hairpin::lab
