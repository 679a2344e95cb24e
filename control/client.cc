#include "control/client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace hairpin::control {

using nlohmann::json;

Result<Client> Client::connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return failure(fmt::format("socket {}: the path is longer than {} characters", path, sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return failure(fmt::format("socket {}: {}", path, std::strerror(errno)));
    Client client{descriptor, path};
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return client;
    const int problem = errno;
    const char* hint = problem == ENOENT || problem == ECONNREFUSED ? " (no daemon runs there: start hairpind, or a lab with hairpin lab up)"
                       : problem == EACCES                          ? " (not yours to speak to: run with sudo)"
                                                                    : "";
    return failure(fmt::format("connect to {}: {}{}", path, std::strerror(problem), hint));
}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      patience_(other.patience_),
      last_id_(other.last_id_),
      splitter_(std::move(other.splitter_)),
      lines_(std::move(other.lines_)),
      events_(std::move(other.events_)) {}

Client& Client::operator=(Client&& other) noexcept {
    if (this == &other) return *this;
    this->~Client();
    return *new (this) Client{std::move(other)};
}

Client::~Client() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> Client::send(const std::string& line) {
    for (std::size_t sent = 0; sent < line.size();) {
        const ssize_t count = ::send(descriptor_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(fmt::format("send to {}: {}", path_, std::strerror(errno)));
        sent += static_cast<std::size_t>(count);
    }
    return {};
}

Result<std::string> Client::next_line(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (lines_.empty()) {
        pollfd readable{descriptor_, POLLIN, 0};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        const int wait = patience.count() < 0 ? -1 : static_cast<int>(std::max<std::int64_t>(left, 0));
        const int ready = ::poll(&readable, 1, wait);
        if (ready < 0) return failure(fmt::format("wait for {}: {}", path_, std::strerror(errno)));
        if (ready == 0) return failure(fmt::format("{}: no answer in {} ms", path_, patience.count()));
        char bytes[65536];
        const ssize_t count = ::read(descriptor_, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(fmt::format("read from {}: {}", path_, std::strerror(errno)));
        if (count == 0) return failure(fmt::format("{}: the daemon has closed the connection", path_));
        if (!splitter_.feed({bytes, static_cast<std::size_t>(count)}, [&](std::string_view line) { lines_.emplace_back(line); }))
            return failure(fmt::format("{}: a line longer than {} bytes", path_, kLongestLine));
    }
    std::string line = std::move(lines_.front());
    lines_.erase(lines_.begin());
    return line;
}

tl::expected<json, CallError> Client::call(const std::string& method, const json& parameters) {
    const auto unreachable = [](const Error& error) { return tl::unexpected(CallError{0, error.message}); };
    const std::uint64_t id = ++last_id_;
    const json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", parameters}};
    if (const auto sent = send(request.dump() + "\n"); !sent) return unreachable(sent.error());
    while (true) {
        auto line = next_line(patience_);
        if (!line) return unreachable(line.error());
        const json answer = json::parse(*line, nullptr, false);
        if (!answer.is_object()) return tl::unexpected(CallError{0, path_ + ": the daemon's answer is no JSON object"});
        if (answer.contains("method")) {
            events_.push_back(std::move(*line));
            continue;
        }
        if (answer.value("id", json{}) != id) continue;  // of a call given up before
        if (answer.contains("result")) return answer["result"];
        const json error = answer.value("error", json::object());
        const json data = error.value("data", json::object());
        return tl::unexpected(CallError{error.value("code", 0), error.value("message", "unknown error"), data.value("path", ""), data.value("hint", "")});
    }
}

Result<void> Client::listen(const std::function<bool(const json&)>& event) {
    while (true) {
        std::string line;
        if (!events_.empty()) {
            line = std::move(events_.front());
            events_.erase(events_.begin());
        } else {
            auto next = next_line(std::chrono::milliseconds{-1});
            if (!next) return tl::unexpected(next.error());
            line = std::move(*next);
        }
        const json message = json::parse(line, nullptr, false);
        if (message.is_object() && message.contains("params") && !event(message["params"])) return {};
    }
}

}  // namespace hairpin::control
