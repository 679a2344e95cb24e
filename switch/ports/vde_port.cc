#include "switch/ports/vde_port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "switch/vde_request.h"

namespace hairpin::l2 {

namespace {

constexpr mode_t kGroupMayBind = 0770;  // plugs put their own sockets beside ours

bool has_ended(int connection) {
    pollfd state{.fd = connection, .events = POLLRDHUP, .revents = 0};
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// The socket at the path, held by the file itself, if it belongs to who speaks on the connection.
FileDescriptor own_socket_of(int connection, const std::string& path) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
    FileDescriptor file{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat about {};
    if (!file || fstat(file.get(), &about) != 0 || !S_ISSOCK(about.st_mode)) return {};
    if (about.st_uid != peer.uid && peer.uid != 0) return {};
    return file;
}

}  // namespace

VdePort::VdePort(const VdeSettings& settings, PacketPool& pool, Ledger& ledger)
    : DevicePort(pool, ledger, settings.mtu), folder_(settings.folder) {}

Result<std::unique_ptr<VdePort>> VdePort::open(const VdeSettings& settings, PacketPool& pool, Ledger& ledger) {
    std::unique_ptr<VdePort> port{new VdePort{settings, pool, ledger}};
    if (auto prepared = port->prepare(); !prepared) return tl::unexpected(prepared.error());
    return port;
}

VdePort::~VdePort() {
    unplug();
    listener_ = {};
    if (made_folder_) rmdir(folder_.c_str());  // unless a plug has left something
}

Result<void> VdePort::prepare() {
    std::error_code problem;
    made_folder_ = std::filesystem::create_directories(folder_, problem);
    if (problem) return failure("folder " + folder_ + ": " + problem.message());
    if (made_folder_ && chmod(folder_.c_str(), kGroupMayBind) != 0)
        return failure("folder " + folder_ + ": chmod: " + std::strerror(errno));
    auto listener = LocalSocket::bind(folder_ + "/ctl", LocalSocket::Kind::stream);
    if (!listener) return tl::unexpected(listener.error());
    listener_ = std::move(*listener);
    auto ready = DescriptorSet::open();
    if (!ready) return tl::unexpected(ready.error());
    ready_ = std::move(*ready);
    return ready_.watch(listener_.descriptor());
}

bool VdePort::read(Batch& into, Timestamp) {
    for (const int descriptor : ready_.ready()) {
        if (descriptor == listener_.descriptor()) {
            welcome();
        } else if (descriptor == control_.get()) {
            std::array<std::byte, 64> nothing_that_matters;
            const ssize_t said = recv(descriptor, nothing_that_matters.data(), nothing_that_matters.size(), MSG_DONTWAIT);
            if (said == 0 || has_ended(descriptor)) unplug();
        } else if (const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                                                [&](const auto& client) { return client.get() == descriptor; });
                   at != waiting_.end()) {
            FileDescriptor client = std::move(*at);
            waiting_.erase(at);
            hear(std::move(client));
        }
    }
    if (!data_) return false;
    for (const auto& frame : reader_.read(data_->descriptor())) take(frame.bytes, frame.length, into);
    return reader_.more();
}

void VdePort::welcome() {
    FileDescriptor client{accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!client || !ready_.watch(client.get())) return;
    if (waiting_.size() == kWaiting) waiting_.pop_front();
    waiting_.push_back(std::move(client));
}

// A request is one message, as every plug sends it; who sends it in pieces is refused.
void VdePort::hear(FileDescriptor client) {
    std::array<std::byte, VdeRequest::kLongest> bytes;
    const ssize_t count = recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) return;
    const auto request = VdeRequest::read({bytes.data(), static_cast<std::size_t>(count)});
    if (!request) return;
    if (control_ && has_ended(control_.get())) unplug();
    if (!control_) plug_in(client, request->socket);
}

bool VdePort::plug_in(FileDescriptor& client, const std::string& socket) {
    const FileDescriptor theirs = own_socket_of(client.get(), socket);
    if (!theirs) return false;
    auto data = LocalSocket::bind(folder_ + "/plug", LocalSocket::Kind::datagram);
    if (!data) return false;
    // By the descriptor: what is at the path may have changed since it was looked at.
    const sockaddr_un to = local_address("/proc/self/fd/" + std::to_string(theirs.get()));
    if (connect(data->descriptor(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return false;
    const sockaddr_un ours = local_address(data->path());
    if (::send(client.get(), &ours, sizeof ours, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof ours) return false;
    if (!ready_.watch(data->descriptor())) return false;
    data_.emplace(std::move(*data));
    control_ = std::move(client);
    return true;
}

void VdePort::unplug() {
    control_.reset();
    data_.reset();
}

void VdePort::write(Batch& packets, Timestamp) {
    const auto outcomes = writer_.send(data_->descriptor(), nullptr, packets);
    for (std::size_t i = 0; i < packets.size(); ++i)
        outcomes[i] == 0 ? sent(*packets[i]) : refused(*packets[i], DropReason::egress_refused);
}

}  // namespace hairpin::l2
