#include "tests/fuzz/daemon_answers/hostile_daemon.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "control/line_splitter.h"
#include "net/result.h"

namespace hairpin::fuzz {

HostileDaemon::HostileDaemon() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ensure(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(listener_, 8) == 0);
    thread_ = std::thread{[this] { serve(); }};
}

HostileDaemon::~HostileDaemon() {
    ::shutdown(listener_, SHUT_RDWR);  // ends accept()
    thread_.join();
    ::close(listener_);
}

void HostileDaemon::play(std::string_view script, Pace pace) {
    const std::lock_guard lock{mutex_};
    script_ = script;
    pace_ = pace;
}

void HostileDaemon::serve() {
    for (int client; (client = ::accept(listener_, nullptr, nullptr)) >= 0;) {
        answer(client);
        ::close(client);
    }
}

void HostileDaemon::answer(int client) {
    std::array<char, 65536> bytes;
    control::LineSplitter requests;
    for (ssize_t count; (count = ::recv(client, bytes.data(), bytes.size(), 0)) > 0;) {
        requests.feed({bytes.data(), static_cast<std::size_t>(count)});
        const auto request = requests.next();
        if (!request) continue;
        const std::string lines = next_lines(*request);
        (void)::send(client, lines.data(), lines.size(), MSG_NOSIGNAL);  // whoever has gone needs no answer
        return;
    }
}

std::string HostileDaemon::next_lines(std::string_view request) {
    const std::lock_guard lock{mutex_};
    const std::string id = nlohmann::json::parse(request)["id"].dump();
    std::string lines;
    for (bool answered = false; !script_.empty() && !(answered && pace_ == Pace::answer_by_answer);) {
        const std::size_t end = std::min(script_.find('\n'), script_.size());
        const std::string line = script_.substr(0, end);
        script_.erase(0, end + 1);
        answered = answered || !line.starts_with('!');
        lines += line.starts_with('!') ? line.substr(1) : R"({"jsonrpc":"2.0","result":)" + line + R"(,"id":)" + id + "}";
        lines += '\n';
    }
    return lines;
}

}  // namespace hairpin::fuzz
