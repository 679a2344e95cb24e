#include "switch/ports/stream_port.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hairpin::l2 {

namespace {

constexpr std::size_t kMostPieces = 256;  // of one system call
static_assert(Packet::kHeadroom >= StreamFraming::kLengthSize);

bool is_ending(int connection) {
    pollfd state{.fd = connection, .events = POLLRDHUP, .revents = 0};
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace

StreamPort::StreamPort(LocalSocket listener, const StreamSettings& settings, PacketPool& pool, Ledger& ledger)
    : DevicePort(pool, ledger, settings.mtu), listener_(std::move(listener)) {}

Result<std::unique_ptr<StreamPort>> StreamPort::open(const StreamSettings& settings, PacketPool& pool, Ledger& ledger) {
    auto listener = LocalSocket::bind(settings.socket, LocalSocket::Kind::stream);
    if (!listener) return tl::unexpected(listener.error());
    std::unique_ptr<StreamPort> port{new StreamPort{std::move(*listener), settings, pool, ledger}};
    if (auto prepared = port->prepare(); !prepared) return failure("socket " + settings.socket + ": " + prepared.error().message);
    return port;
}

Result<void> StreamPort::prepare() {
    auto ready = DescriptorSet::open();
    if (!ready) return tl::unexpected(ready.error());
    ready_ = std::move(*ready);
    frames_wait_ = FileDescriptor{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!frames_wait_) return failure(std::string{"eventfd: "} + std::strerror(errno));
    if (auto watched = ready_.watch(frames_wait_.get()); !watched) return watched;
    return ready_.watch(listener_.descriptor());
}

bool StreamPort::read(Batch& into, Timestamp) {
    for (const int descriptor : ready_.ready()) {
        if (descriptor == listener_.descriptor()) welcome();
        if (descriptor == connection_.get() && !unsent_.empty()) flush();
    }
    std::size_t bytes = 0;
    bool filled = false;
    for (std::size_t packets = 0; packets < kBurstPackets && bytes < kBurstBytes; ++packets) {
        auto frame = framing_.next();
        // Once a burst: what comes meanwhile waits in the kernel, so that no one connection holds up the others.
        if (!frame && !filled) {
            filled = fill();
            frame = framing_.next();
        }
        if (!frame) break;
        bytes += frame->size();
        take(*frame, frame->size(), into);
    }
    if (framing_.broken()) {
        reject({}, 0, DropReason::oversize);
        disconnect();
    }
    tell_of_frames(framing_.has_frame());
    return told_of_frames_;
}

bool StreamPort::fill() {
    if (!connection_) return false;
    const auto room = framing_.room();
    const ssize_t count = recv(connection_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (count > 0) framing_.put(static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) disconnect();
    return count > 0;
}

void StreamPort::tell_of_frames(bool there_are) {
    if (there_are == told_of_frames_) return;
    told_of_frames_ = there_are;
    eventfd_t count = 0;
    if (there_are)
        eventfd_write(frames_wait_.get(), 1);
    else
        eventfd_read(frames_wait_.get(), &count);
}

void StreamPort::welcome() {
    // A machine that was restarted connects before we have read to the end of what its predecessor sent.
    if (connection_ && is_ending(connection_.get())) return ready_.forget(listener_.descriptor());
    FileDescriptor client{accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!client || connection_) return;
    set_socket_buffers(client.get());
    if (!ready_.watch(client.get())) return;
    connection_ = std::move(client);
}

void StreamPort::disconnect() {
    if (!connection_) return;
    connection_.reset();
    framing_.reset();
    unsent_.clear();
    ready_.watch(listener_.descriptor());
}

bool StreamPort::flush() {
    if (unsent_.empty()) return true;
    const ssize_t count = ::send(connection_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) unsent_.erase(unsent_.begin(), unsent_.begin() + count);
    if (count < 0 && errno != EAGAIN && errno != EINTR) disconnect();
    if (unsent_.empty() && connection_) ready_.watch(connection_.get());
    return unsent_.empty();
}

void StreamPort::write(Batch& packets, Timestamp) {
    std::size_t at = 0;
    while (at < packets.size() && flush() && connection_) {
        const std::size_t count = std::min(packets.size() - at, kMostPieces);
        pieces_.clear();
        for (std::size_t i = at; i < at + count; ++i) {
            std::byte* begin = packets[i]->data() - StreamFraming::kLengthSize;
            ensure(packets[i]->headroom() >= StreamFraming::kLengthSize);
            StreamFraming::write_length(begin, packets[i]->size());
            pieces_.push_back({begin, StreamFraming::kLengthSize + packets[i]->size()});
        }
        msghdr message{};
        message.msg_iov = pieces_.data();
        message.msg_iovlen = pieces_.size();
        const ssize_t written = sendmsg(connection_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN && errno != EINTR) disconnect();
        if (written <= 0) break;

        auto left = static_cast<std::size_t>(written);
        for (const iovec& piece : pieces_) {
            if (left == 0) break;
            const std::size_t part = std::min(left, piece.iov_len);
            const auto* begin = static_cast<const std::byte*>(piece.iov_base);
            unsent_.assign(begin + part, begin + piece.iov_len);
            left -= part;
            sent(*packets[at++]);
        }
        if (!unsent_.empty()) ready_.watch(connection_.get(), DescriptorSet::For::reading_and_writing);
    }
    const DropReason reason = connection_ ? DropReason::egress_refused : DropReason::port_detached;
    for (; at < packets.size(); ++at) refused(*packets[at], reason);
}

}  // namespace hairpin::l2
