#include "switch/ports/path_mtu.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "switch/ports/socket_address.h"

namespace hairpin::l2 {

namespace {
// The discard service's: a datagram to it would do no harm, and none is sent.
constexpr L4Port kAnyPort{9};
}  // namespace

Result<PathMtu> PathMtu::open(Ipv4Address local) {
    PathMtu path;
    path.socket_ = FileDescriptor{socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int yes = 1;
    const sockaddr_in from = socket_address(local, L4Port{});
    if (!path.socket_ || setsockopt(path.socket_.get(), IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes) != 0 ||
        bind(path.socket_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        return failure("a socket of " + local.to_string() + ": " + std::strerror(errno));
    return path;
}

std::optional<unsigned> PathMtu::ask(Ipv4Address remote) const {
    sockaddr_in nowhere{};
    nowhere.sin_family = AF_UNSPEC;
    connect(socket_.get(), reinterpret_cast<const sockaddr*>(&nowhere), sizeof nowhere);
    const sockaddr_in to = socket_address(remote, kAnyPort);
    if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return std::nullopt;
    int mtu = 0;
    socklen_t size = sizeof mtu;
    if (getsockopt(socket_.get(), IPPROTO_IP, IP_MTU, &mtu, &size) != 0 || mtu <= 0) return std::nullopt;
    return static_cast<unsigned>(mtu);
}

}  // namespace hairpin::l2
