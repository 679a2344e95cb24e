#include "switch/ports/dgram_port.h"

#include <cerrno>
#include <utility>

namespace hairpin::l2 {

namespace {

bool somebody_is_at(const sockaddr_un& address) {
    const FileDescriptor probe{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// ECONNREFUSED: the socket is there and nobody has it any more.
bool nobody_was_there(int problem) { return problem == ENOENT || problem == ECONNREFUSED || problem == ENOTDIR; }

}  // namespace

DgramPort::DgramPort(LocalSocket socket, const DgramSettings& settings, PacketPool& pool, Ledger& ledger)
    : DevicePort(pool, ledger, settings.mtu),
      socket_(std::move(socket)),
      remote_(local_address(settings.remote)),
      attached_(somebody_is_at(remote_)) {}

Result<std::unique_ptr<DgramPort>> DgramPort::open(const DgramSettings& settings, PacketPool& pool, Ledger& ledger) {
    auto socket = LocalSocket::bind(settings.socket, LocalSocket::Kind::datagram);
    if (!socket) return tl::unexpected(socket.error());
    return std::unique_ptr<DgramPort>{new DgramPort{std::move(*socket), settings, pool, ledger}};
}

bool DgramPort::read(Batch& into, Timestamp) {
    for (const auto& frame : reader_.read(socket_.descriptor())) {
        attached_ = true;
        take(frame.bytes, frame.length, into);
    }
    return reader_.more();
}

void DgramPort::write(Batch& packets, Timestamp) {
    const auto outcomes = writer_.send(socket_.descriptor(), &remote_, packets);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (outcomes[i] == 0) {
            attached_ = true;
            sent(*packets[i]);
        } else if (nobody_was_there(outcomes[i])) {
            attached_ = false;
            refused(*packets[i], DropReason::port_detached);
        } else {
            refused(*packets[i], DropReason::egress_refused);
        }
    }
}

}  // namespace hairpin::l2
