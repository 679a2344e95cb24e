#include <unistd.h>

#include <chrono>
#include <utility>

#include "lab/machines/qemu.h"
#include "lab/processes.h"

namespace hairpin::lab {

namespace {

constexpr std::chrono::milliseconds kQemuPatience{10'000};

// What a program says on its standard output until it ends.
Result<std::string> said_by(const std::string& program, const std::vector<std::string>& arguments) {
    Command command{.words = {program}};
    command.words.insert(command.words.end(), arguments.begin(), arguments.end());
    return run_here(std::move(command), kQemuPatience).map([](const Finished& done) { return done.output; });
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
