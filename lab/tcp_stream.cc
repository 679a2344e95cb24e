#include "lab/tcp_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "lab/files.h"
#include "lab/namespaces.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kBetweenBytes{5};

milliseconds since(Clock::time_point moment) { return std::chrono::duration_cast<milliseconds>(Clock::now() - moment); }

// A socket is its namespace's for ever, wherever it is used: a thread goes there to make it.
Result<FileDescriptor> socket_in(const std::string& namespace_name) {
    const auto network_namespace = open_namespace(namespace_name);
    if (!network_namespace) return tl::unexpected(network_namespace.error());
    Result<FileDescriptor> made;
    std::thread{[&] {
        FileDescriptor socket;
        if (::setns(network_namespace->get(), CLONE_NEWNET) == 0)
            socket = FileDescriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
        made = socket ? Result<FileDescriptor>{std::move(socket)}
                      : failure(fmt::format("a socket in the namespace {}: {}", namespace_name, system_error()));
    }}.join();
    return made;
}

bool is_ready(const FileDescriptor& socket, short what, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        pollfd waiting{.fd = socket.get(), .events = what, .revents = 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::max(left, milliseconds{0}).count()));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

struct Ends {
    FileDescriptor client, server;
};

Result<Ends> connect(const std::string& client_namespace, const std::string& server_namespace, const std::string& address,
                     std::uint16_t port, Clock::time_point deadline) {
    const auto listener = socket_in(server_namespace);
    if (!listener) return tl::unexpected(listener.error());
    auto client = socket_in(client_namespace);
    if (!client) return tl::unexpected(client.error());

    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    const int on = 1;
    ::setsockopt(listener->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    socklen_t size = sizeof place;
    if (::bind(listener->get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
        ::listen(listener->get(), 1) != 0 || ::getsockname(listener->get(), reinterpret_cast<sockaddr*>(&place), &size) != 0)
        return failure(fmt::format("cannot listen at port {}: {}", port, system_error()));

    if (::inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1) return failure(fmt::format("\"{}\" is no address", address));
    const std::string where = fmt::format("{}:{}", address, ntohs(place.sin_port));
    ::setsockopt(client->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(client->get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 && errno != EINPROGRESS)
        return failure(fmt::format("cannot connect to {}: {}", where, system_error()));
    if (!is_ready(*client, POLLOUT, deadline)) return failure(fmt::format("nobody answers at {}", where));
    int problem = 0;
    size = sizeof problem;
    ::getsockopt(client->get(), SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) return failure(fmt::format("cannot connect to {}: {}", where, std::strerror(problem)));
    if (!is_ready(*listener, POLLIN, deadline))
        return failure(fmt::format("who answers at {} is not the node that was named", where));
    FileDescriptor server{::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!server) return failure(fmt::format("cannot accept at {}: {}", where, system_error()));
    return Ends{.client = *std::move(client), .server = std::move(server)};
}

}  // namespace

// Sends and receives in a thread of its own, until it is stopped or the connection is broken.
class TcpStream::Pump {
public:
    Pump(FileDescriptor client, FileDescriptor server)
        : client_(std::move(client)), server_(std::move(server)), last_(Clock::now()), thread_([this] { run(); }) {}
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;
    Pump(Pump&&) = delete;
    Pump& operator=(Pump&&) = delete;
    ~Pump() { stop(); }

    // Whether a byte that is sent from now on has come.
    bool passes(milliseconds limit) {
        std::unique_lock lock{mutex_};
        const std::uint64_t next = sent_ + 1;
        return came_.wait_for(lock, limit, [&] { return received_ >= next || problem_; }) && !problem_;
    }

    StreamFate fate(bool goes_on) {
        stop();
        return {.gap = gap_, .resets = problem_ ? 1U : 0U, .problem = problem_.value_or(""), .goes_on = goes_on};
    }

private:
    void run() {
        while (send_and_receive()) {
        }
        came_.notify_all();
    }

    // False: that was the last time.
    bool send_and_receive() {
        pollfd waiting{.fd = server_.get(), .events = POLLIN, .revents = 0};
        ::poll(&waiting, 1, static_cast<int>(kBetweenBytes.count()));
        std::array<char, 4096> bytes;
        const ssize_t got = ::recv(server_.get(), bytes.data(), bytes.size(), 0);
        const int why_nothing = errno;

        const std::lock_guard lock{mutex_};
        if (got > 0) {
            gap_ = std::max(gap_, since(last_));
            last_ = Clock::now();
            received_ += static_cast<std::uint64_t>(got);
            came_.notify_all();
        } else if (got == 0) {
            problem_ = "the connection was closed";
        } else if (why_nothing != EAGAIN && why_nothing != EINTR) {
            problem_ = std::strerror(why_nothing);
        }
        if (Clock::now() >= next_byte_) {
            if (::send(client_.get(), "x", 1, MSG_NOSIGNAL) == 1)
                ++sent_;
            else if (errno != EAGAIN && errno != EINTR)
                problem_ = system_error();
            next_byte_ = Clock::now() + kBetweenBytes;
        }
        return !problem_ && !stopping_;
    }

    void stop() {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        thread_.join();
        gap_ = std::max(gap_, since(last_));
    }

    FileDescriptor client_, server_;
    std::mutex mutex_;
    std::condition_variable came_;
    std::uint64_t sent_ = 0, received_ = 0;
    Clock::time_point last_;
    Clock::time_point next_byte_{};
    milliseconds gap_{0};
    std::optional<std::string> problem_;
    bool stopping_ = false;
    std::thread thread_;  // last: it begins when all else is there
};

Result<TcpStream> TcpStream::open(const std::string& client_namespace, const std::string& server_namespace,
                                  const std::string& address, std::uint16_t port, milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    auto ends = connect(client_namespace, server_namespace, address, port, deadline);
    if (!ends) return tl::unexpected(ends.error());
    TcpStream stream{std::make_unique<Pump>(std::move(ends->client), std::move(ends->server))};
    if (!stream.pump_->passes(std::chrono::ceil<milliseconds>(deadline - Clock::now())))
        return failure(fmt::format("a connection to {} is made, and nothing passes on it", address));
    return stream;
}

TcpStream::TcpStream(std::unique_ptr<Pump> pump) : pump_(std::move(pump)) {}
TcpStream::TcpStream(TcpStream&&) noexcept = default;
TcpStream::~TcpStream() = default;

StreamFate TcpStream::end(milliseconds limit) { return pump_->fate(pump_->passes(limit)); }

}  // namespace hairpin::lab
