#include "sidecar/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace hairpin::sidecar {

namespace {

// What docker stop, docker kill, a terminal and an image's STOPSIGNAL send.
constexpr auto kWatched = std::to_array<int>({SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD});

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kWatched) sigaddset(&set, number);
    return set;
}

}  // namespace

Result<Signals> Signals::watch() {
    const sigset_t set = watched();
    sigprocmask(SIG_BLOCK, &set, nullptr);
    FileDescriptor descriptor{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!descriptor) return failure(std::string{"signalfd: "} + std::strerror(errno));
    return Signals{std::move(descriptor)};
}

void Signals::restore_in_child() {
    const sigset_t set = watched();
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

std::optional<int> Signals::next() const {
    signalfd_siginfo about{};
    if (::read(descriptor_.get(), &about, sizeof about) != static_cast<ssize_t>(sizeof about)) return std::nullopt;
    return static_cast<int>(about.ssi_signo);
}

void wait_for(const Signals& signals, int descriptor, std::optional<std::chrono::milliseconds> at_most) {
    std::array<pollfd, 2> watch{pollfd{signals.descriptor(), POLLIN, 0}, pollfd{descriptor, POLLIN, 0}};
    ::poll(watch.data(), watch.size(), at_most ? static_cast<int>(at_most->count()) : -1);
}

}  // namespace hairpin::sidecar
