#include "sidecar/port_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace hairpin::sidecar {

using nlohmann::json;

namespace {

constexpr std::size_t kMostBytes = 4096;  // of an answer, and of what is asked

std::string advice_for(int problem) {
    switch (problem) {
        case ENOENT: return " (no gateway has begun yet, or the folder of its --port-socket is not mounted here)";
        case ECONNREFUSED: return " (its gateway has ended, or is just beginning)";
        case EACCES:
        case EPERM: return " (the socket is for the gateway's user and group: run as one of them)";
        case EPROTOTYPE: return " (that is another kind of socket: the port socket is wanted, hairpind --port-socket)";
        default: return "";
    }
}

}  // namespace

Result<PortAnswer> read_answer(const std::string& text) {
    const json answer = json::parse(text, nullptr, false);
    const auto part = [&](const char* key) { return answer.is_object() ? answer.value(key, json()) : json(); };
    const json ok = part("ok"), error = part("error"), mac = part("mac"), mtu = part("mtu");
    if (ok.is_boolean() && !ok.get<bool>())
        return PortAnswer{
            .ok = false, .error = error.is_string() ? error.get<std::string>() : "no reason given", .mac = {}, .mtu = 0};
    if (!ok.is_boolean() || !mac.is_string() || !mtu.is_number_unsigned())
        return failure("the gateway's answer is none that this hairpin-port understands: " + text.substr(0, 200));
    return PortAnswer{.ok = true, .error = {}, .mac = mac.get<std::string>(), .mtu = mtu.get<unsigned>()};
}

Result<PortClient> PortClient::connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return failure(fmt::format("{}: the path of a socket is shorter than {} characters", path, sizeof address.sun_path));
    std::memcpy(address.sun_path, path.c_str(), path.size());
    FileDescriptor socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    if (!socket) return failure(std::string{"socket: "} + std::strerror(errno));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int problem = errno;
        return failure(fmt::format("connect {}: {}{}", path, std::strerror(problem), advice_for(problem)));
    }
    return PortClient{std::move(socket)};
}

Result<void> PortClient::pass(const std::string& port, int device, Stays stays) const {
    json request{{"version", 1}, {"port", port}};
    if (stays == Stays::for_good) request["keep"] = true;
    std::string text = request.dump(-1, ' ', false, json::error_handler_t::replace);
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
    iovec place{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(part), &device, sizeof device);
    if (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0) return {};
    return failure(std::string{"pass the device: "} + std::strerror(errno));
}

Result<std::optional<PortAnswer>> PortClient::answer() const {
    std::string text(kMostBytes, 0);
    const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (size < 0) return failure(std::string{"recv: "} + std::strerror(errno));
    if (size == 0) return failure("the gateway has closed the connection");
    text.resize(static_cast<std::size_t>(size));
    auto answer = read_answer(text);
    if (!answer) return tl::unexpected(answer.error());
    return *std::move(answer);
}

}  // namespace hairpin::sidecar
