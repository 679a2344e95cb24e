#include "switch/ports/udp_port.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "switch/ports/local_socket.h"
#include "switch/ports/socket_address.h"

namespace hairpin::l2 {

namespace {

tl::unexpected<Error> udp_failure(const UdpSettings& settings, const std::string& tried) {
    return failure("UDP socket " + settings.local_text() + ": " + tried + ": " + std::strerror(errno));
}

}  // namespace

UdpPort::UdpPort(FileDescriptor socket, const UdpSettings& settings, PacketPool& pool, Ledger& ledger)
    : DevicePort(pool, ledger, settings.mtu), socket_(std::move(socket)) {}

Result<std::unique_ptr<UdpPort>> UdpPort::open(const UdpSettings& settings, PacketPool& pool, Ledger& ledger) {
    FileDescriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket) return udp_failure(settings, "socket");
    constexpr int kYes = 1;
    const sockaddr_in local = socket_address(settings.local, settings.local_port);
    const sockaddr_in remote = socket_address(settings.remote, settings.remote_port);
    if (setsockopt(socket.get(), IPPROTO_IP, IP_FREEBIND, &kYes, sizeof kYes) != 0) return udp_failure(settings, "IP_FREEBIND");
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) return udp_failure(settings, "bind");
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&remote), sizeof remote) != 0)
        return udp_failure(settings, "connect to " + settings.remote_text());
    set_socket_buffers(socket.get());

    auto ready = DescriptorSet::open();
    if (!ready) return tl::unexpected(ready.error());
    if (auto watched = ready->watch(socket.get()); !watched) return tl::unexpected(watched.error());
    std::unique_ptr<UdpPort> port{new UdpPort{std::move(socket), settings, pool, ledger}};
    port->ready_ = std::move(*ready);
    return port;
}

bool UdpPort::read(Batch& into, Timestamp) {
    const auto frames = reader_.read(socket_.get());
    // Nothing was read: the call has failed, and errno is its answer.
    if (frames.empty() && errno == ECONNREFUSED) attached_ = false;
    for (const auto& frame : frames) {
        attached_ = true;
        take(frame.bytes, frame.length, into);
    }
    return reader_.more();
}

void UdpPort::write(Batch& packets, Timestamp) {
    const auto outcomes = writer_.send(socket_.get(), nullptr, packets);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (outcomes[i] == 0) {
            sent(*packets[i]);
        } else if (outcomes[i] == ECONNREFUSED) {  // of a frame before this one; nothing was sent now
            attached_ = false;
            refused(*packets[i], DropReason::port_detached);
        } else {
            refused(*packets[i], DropReason::egress_refused);
        }
    }
}

}  // namespace hairpin::l2
