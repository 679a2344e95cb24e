#include "runtime/port_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "control/nesting.h"
#include "runtime/log.h"
#include "runtime/socket_path.h"
#include "runtime/worker.h"
#include "switch/ports/tap_device.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

struct PassRequest {
    std::string port;
    bool keep = false;
};

Result<PassRequest> read_request(const DescriptorMessage& message) {
    constexpr const char* kWanted = " (wanted: {\"version\":1,\"port\":NAME}, and \"keep\":true or not)";
    const auto refused = [&](const std::string& why) { return failure("the message " + why + kWanted); };
    if (message.too_long) return refused(fmt::format("is longer than {} bytes", DescriptorMessage::kMostBytes));
    const json request = control::nested_too_deeply(message.text) ? json() : json::parse(message.text, nullptr, false);
    if (!request.is_object()) return refused("is no JSON object");
    for (const auto& [key, value] : request.items())
        if (key != "version" && key != "port" && key != "keep") return refused("has an unknown " + json(key).dump());
    const json version = request.value("version", json());
    if (version != PortSocket::kVersion)
        return refused(fmt::format("is of version {}, and this daemon speaks {}", version.dump(), PortSocket::kVersion));
    const json port = request.value("port", json()), keep = request.value("keep", json(false));
    if (!port.is_string()) return refused("names no port");
    if (!keep.is_boolean()) return refused("has a \"keep\" that is neither true nor false");
    return PassRequest{port.get<std::string>(), keep.get<bool>()};
}

Result<void> exactly_one(const DescriptorMessage& message) {
    if (message.descriptors.size() == 1 && !message.too_many) return {};
    return failure(
        message.descriptors.empty() && !message.too_many
            ? std::string{"the message carries no descriptor (send the TAP's in SCM_RIGHTS of the same message; a daemon "
                          "that has too many files open gets none either)"}
            : fmt::format("the message carries {}{} descriptors, and a port takes one: none of them was used",
                          message.too_many ? "more than " : "", message.descriptors.size()));
}

// Whatever a client has sent may stand in it, which need not be UTF-8.
std::string line_of(const json& answer) { return answer.dump(-1, ' ', false, json::error_handler_t::replace); }
std::string refusal_of(const Error& error) {
    return line_of({{"version", PortSocket::kVersion}, {"ok", false}, {"error", error.message}});
}

Result<FileDescriptor> listen_at(const std::string& path) {
    const auto failed = [&](const char* tried) {
        return failure(fmt::format("port socket {}: {}: {}", path, tried, std::strerror(errno)));
    };
    FileDescriptor listener{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!listener) return failed("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    // Nobody but owner and group may connect, from the first moment on.
    const mode_t before = umask(0117);
    const int bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    umask(before);
    if (bound != 0) return failed("bind");
    if (::listen(listener.get(), 128) != 0) return failed("listen");
    return listener;
}

FileDescriptor open_nothing() { return FileDescriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

}  // namespace

Result<std::unique_ptr<PortSocket>> PortSocket::listen(EventLoop& loop, const std::string& path, Worker& worker,
                                                       std::size_t most_clients) {
    if (auto claimed = claim({"port socket", SOCK_SEQPACKET, "--port-socket", path}); !claimed)
        return tl::unexpected(claimed.error());
    auto listener = listen_at(path);
    if (!listener) return tl::unexpected(listener.error());
    std::unique_ptr<PortSocket> socket{new PortSocket(loop, path, worker, most_clients)};
    socket->listener_ = std::move(*listener);
    socket->spare_ = open_nothing();
    auto poller = Poller::watch(loop, socket->listener_.get(), [raw = socket.get()] { raw->accept(); });
    if (!poller) return tl::unexpected(poller.error());
    socket->poller_ = std::move(*poller);
    return socket;
}

PortSocket::~PortSocket() {
    poller_ = {};
    for (auto& [id, client] : clients_) client.poller = {};
    if (listener_) ::unlink(path_.c_str());
}

void PortSocket::accept() {
    FileDescriptor socket{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!socket && (errno == EMFILE || errno == ENFILE)) {
        // Who waits would be told of again and again: the place that is kept for this lets them in, and out.
        spare_.reset();
        FileDescriptor{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)}.reset();
        spare_ = open_nothing();
        return log::warn("event=port_client_refused reason=\"too many files are open\"");
    }
    if (!socket) return;
    if (clients_.size() >= most_clients_ && !make_room())
        return log::warn("event=port_client_refused reason=\"too many clients\"");

    const ClientId id = ++last_;
    auto poller = Poller::watch(loop_, socket.get(), [this, id] { on_readable(id); });
    if (!poller) return log::warn("event=port_client_refused reason=\"" + poller.error().message + "\"");
    Client& client = clients_[id];
    socklen_t size = sizeof client.peer;
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &client.peer, &size) != 0) client.peer = {};
    client.socket = std::move(socket);
    client.poller = std::move(*poller);
}

bool PortSocket::make_room() {
    const auto idle = std::find_if(clients_.begin(), clients_.end(), [](const auto& entry) { return entry.second.holds == 0; });
    if (idle == clients_.end()) return false;
    close(idle->first);
    return true;
}

void PortSocket::on_readable(ClientId id) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    auto message = receive_message(found->second.socket.get());
    if (!message) return close(id);
    if (!*message) return;
    const std::string answer = answer_to(id, **message);
    for (FileDescriptor& unused : (*message)->descriptors)
        if (unused) close_elsewhere(loop_, std::move(unused));
    if (::send(found->second.socket.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) close(id);
}

std::string PortSocket::answer_to(ClientId id, DescriptorMessage& message) {
    const auto request = read_request(message);
    if (!request) return refusal_of(request.error());
    if (const auto takes = worker_.takes_a_passed_device(request->port); !takes) return refusal_of(takes.error());
    if (const auto one = exactly_one(message); !one) return refusal_of(one.error());
    auto device = l2::accept_tap(message.descriptors.front().get());
    if (!device) return refusal_of(device.error());
    message.descriptors.front().release();  // the device has it now
    const std::string name = device->name();
    const ucred& peer = clients_.at(id).peer;
    const auto plugged =
        worker_.plug(request->port, std::move(*device), fmt::format("{} was passed by pid {}, uid {}", name, peer.pid, peer.uid));
    if (!plugged) return refusal_of(plugged.error());
    release(request->port);
    if (!request->keep) hold(request->port, id);
    return line_of({{"version", kVersion},
                    {"ok", true},
                    {"port", request->port},
                    {"device", name},
                    {"mac", plugged->mac.to_string()},
                    {"mtu", plugged->mtu}});
}

void PortSocket::hold(const std::string& port, ClientId id) {
    holders_[port] = id;
    ++clients_.at(id).holds;
}

void PortSocket::release(const std::string& port) {
    const auto holder = holders_.extract(port);
    if (!holder.empty()) --clients_.at(holder.mapped()).holds;
}

void PortSocket::close(ClientId id) {
    std::vector<std::string> held;
    for (const auto& [port, holder] : holders_)
        if (holder == id) held.push_back(port);
    for (const std::string& port : held) holders_.erase(port);
    clients_.erase(id);
    for (const std::string& port : held) worker_.unplug(port, "the connection that has passed its device is closed");
}

}  // namespace hairpin::runtime
