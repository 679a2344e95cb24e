#include "switch/ports/path_mtu.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace hairpin::l2 {

namespace {
// The discard service's: a datagram to it would do no harm, and none is sent.
constexpr std::uint16_t kAnyPort = 9;

sockaddr_in some_port_of(Ipv4Address address, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = std::bit_cast<in_port_t>(Be16{port});
    result.sin_addr.s_addr = std::bit_cast<in_addr_t>(address);
    return result;
}
}  // namespace

PathMtu::PathMtu(PathMtu&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

PathMtu& PathMtu::operator=(PathMtu&& other) noexcept {
    std::swap(socket_, other.socket_);
    return *this;
}

PathMtu::~PathMtu() {
    if (socket_ >= 0) close(socket_);
}

Result<PathMtu> PathMtu::open(Ipv4Address local) {
    PathMtu path;
    path.socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;
    const sockaddr_in from = some_port_of(local, 0);
    if (path.socket_ < 0 || setsockopt(path.socket_, IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes) != 0 ||
        bind(path.socket_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        return failure("a socket of " + local.to_string() + ": " + std::strerror(errno));
    return path;
}

std::optional<unsigned> PathMtu::ask(Ipv4Address remote) const {
    sockaddr_in nowhere{};
    nowhere.sin_family = AF_UNSPEC;
    connect(socket_, reinterpret_cast<const sockaddr*>(&nowhere), sizeof nowhere);
    const sockaddr_in to = some_port_of(remote, kAnyPort);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return std::nullopt;
    int mtu = 0;
    socklen_t size = sizeof mtu;
    if (getsockopt(socket_, IPPROTO_IP, IP_MTU, &mtu, &size) != 0 || mtu <= 0) return std::nullopt;
    return static_cast<unsigned>(mtu);
}

}  // namespace hairpin::l2
