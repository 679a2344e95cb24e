#include "control/unix_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

namespace hairpin::control {

using std::chrono::steady_clock;

namespace {
constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::chrono::milliseconds kBacklogPause{10};
}  // namespace

UnixSocket::~UnixSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

UnixSocket::Errno UnixSocket::connect(const std::string& path, Deadline deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
    std::copy(path.begin(), path.end(), address.sun_path);
    *this = UnixSocket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (descriptor_ < 0) return errno;

    while (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        // unix(7): EAGAIN means that the listener's backlog is full, and there is nothing to poll for.
        if (errno != EAGAIN && errno != EINTR) return errno;
        if (deadline && steady_clock::now() >= *deadline) return ETIMEDOUT;
        std::this_thread::sleep_for(kBacklogPause);
    }
    return 0;
}

UnixSocket::Errno UnixSocket::send(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN) {
            if (const Errno problem = wait(POLLOUT, deadline)) return problem;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

UnixSocket::Errno UnixSocket::receive(std::string& bytes, Deadline deadline) {
    std::array<char, kReadSize> chunk;
    while (true) {
        const ssize_t received = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
        if (received >= 0) {
            bytes.append(chunk.data(), static_cast<std::size_t>(received));
            return 0;
        }
        if (errno == EAGAIN) {
            if (const Errno problem = wait(POLLIN, deadline)) return problem;
        } else if (errno != EINTR) {
            return errno;
        }
    }
}

void UnixSocket::send_no_more() { ::shutdown(descriptor_, SHUT_WR); }

UnixSocket::Errno UnixSocket::wait(short events, Deadline deadline) const {
    while (true) {
        int milliseconds = -1;
        if (deadline) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - steady_clock::now());
            if (left.count() <= 0) return ETIMEDOUT;
            milliseconds = static_cast<int>(std::min<std::chrono::milliseconds::rep>(left.count(), 60'000));
        }
        pollfd waiting{descriptor_, events, 0};
        const int ready = ::poll(&waiting, 1, milliseconds);
        if (ready > 0) return 0;
        if (ready < 0 && errno != EINTR) return errno;
    }
}

}  // namespace hairpin::control
