#include "docker/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "docker/contract.h"
#include "docker/driver.h"
#include "runtime/socket_path.h"

namespace hairpin::docker {

namespace {

constexpr int kThreads = 8;
constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START

// The library opens sockets by itself; ours is open already.
class PluginServer : public httplib::Server {
public:
    void take(FileDescriptor listener) { svr_sock_ = listener.release(); }
};

bool is_passed_by_systemd() {
    const auto is = [](const char* name, long wanted) {
        const char* text = std::getenv(name);
        long value = 0;
        return text != nullptr && std::from_chars(text, text + std::strlen(text), value).ec == std::errc{} && value == wanted;
    };
    return is("LISTEN_PID", ::getpid()) && is("LISTEN_FDS", 1);
}

}  // namespace

Result<FileDescriptor> listen_at(const std::string& path) {
    if (is_passed_by_systemd()) {
        ::fcntl(kFirstPassed, F_SETFD, FD_CLOEXEC);
        return FileDescriptor{kFirstPassed};
    }
    if (const auto claimed = runtime::claim({"plugin socket", SOCK_STREAM, "--socket", path}); !claimed)
        return tl::unexpected(claimed.error());
    FileDescriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto failed = [&](const char* tried) {
        return failure(fmt::format("plugin socket {}: {}: {}", path, tried, std::strerror(errno)));
    };
    if (!listener) return failed("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    // The engine is root; nobody else has anything to ask here.
    const mode_t before = ::umask(0177);
    const int bound = ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    if (bound != 0) return failed("bind");
    if (::listen(listener.get(), 128) != 0) return failed("listen");
    return listener;
}

Result<void> serve(FileDescriptor listener, Driver& driver) {
    PluginServer server;
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server.set_keep_alive_max_count(1);
    server.set_payload_max_length(kLongestBody);
    server.Post(".*", [&](const httplib::Request& request, httplib::Response& response) {
        const Answer answered = answer(driver, request.path, request.body);
        response.status = answered.status;
        response.set_content(answered.body, kContentType);
    });
    server.take(std::move(listener));
    if (!server.listen_after_bind()) return failure("the plugin socket cannot be listened at");
    return {};
}

}  // namespace hairpin::docker
