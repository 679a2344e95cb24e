#include "cli/capture_listener.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/capture_stream.h"
#include "net/numbers.h"

namespace hairpin::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr char kLoopback[] = "127.0.0.1";

volatile std::sig_atomic_t asked_to_stop = 0;

std::string shown(const ListenAddress& at) {
    return at.address.find(':') == std::string::npos ? fmt::format("{}:{}", at.address, at.port)
                                                     : fmt::format("[{}]:{}", at.address, at.port);
}

// A socket that listens there; a failure says why not. `at` gets the port that the system has chosen.
Outcome<int> listen_at(ListenAddress& at) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(at.address.c_str(), std::to_string(at.port).c_str(), &hints, &found); error != 0)
        return misused(fmt::format("listen {}: {}", shown(at), ::gai_strerror(error)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all{found, ::freeaddrinfo};
    const auto failed = [&](int socket) {
        const int error = errno;
        if (socket >= 0) ::close(socket);
        return failed_with(ExitCode::failed, fmt::format("cannot listen at {}: {}", shown(at), std::strerror(error)));
    };
    const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    if (socket < 0 || ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket, found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket, 16) != 0)
        return failed(socket);
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return failed(socket);
    at.port = ntohs(bound.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(bound).sin_port
                                               : reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
    return socket;
}

// Signals do nothing here but end a wait: SIGCHLD when a reader has gone, the others when all is to end.
void watch_signals() {
    struct sigaction action {};
    action.sa_handler = [](int signal) {
        if (signal != SIGCHLD) asked_to_stop = 1;
    };
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

// The status of the process that carries a capture to one reader.
int serve_reader(int reader, const std::string& socket, const nlohmann::json& wish) {
    for (const int each : {SIGCHLD, SIGINT, SIGTERM}) std::signal(each, SIG_DFL);
    auto stream = open_capture(socket, wish, "capture");
    const auto carried = stream ? carry_capture(std::move(stream->stream), reader, "a reader") : tl::unexpected(stream.error());
    if (carried) return 0;
    std::fputs(("hairpin: error: " + carried.error().sentence + "\n").c_str(), stderr);
    return static_cast<int>(carried.error().code);
}

// Those that have ended.
void reap(std::set<pid_t>& readers) {
    for (pid_t ended; !readers.empty() && (ended = ::waitpid(-1, nullptr, WNOHANG)) > 0;) readers.erase(ended);
}

// Each ends its file; one whose reader does not take that is not waited for any longer than this.
void end_all(std::set<pid_t>& readers) {
    constexpr std::chrono::seconds kPatience{2};
    for (const pid_t reader : readers) ::kill(reader, SIGTERM);
    const timespec no_longer{0, 20'000'000};  // SIGCHLD ends the wait, unless it came just before it
    for (const auto end = Clock::now() + kPatience; reap(readers), !readers.empty() && Clock::now() < end;)
        ::ppoll(nullptr, 0, &no_longer, nullptr);
    for (const pid_t reader : readers) ::kill(reader, SIGKILL);
    while (!readers.empty()) {
        if (const pid_t ended = ::waitpid(-1, nullptr, 0); ended > 0)
            readers.erase(ended);
        else if (errno != EINTR)
            return;
    }
}

}  // namespace

Outcome<ListenAddress> read_listen_address(const std::string& text) {
    const auto colon = text.rfind(':');
    std::string address = colon == std::string::npos ? kLoopback : text.substr(0, colon);
    const auto port = parse_number(colon == std::string::npos ? text : text.substr(colon + 1), 65535);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    if (!port || address.empty())
        return misused("\"" + text + "\" is no place to listen: an address and a port, as 127.0.0.1:57012, or a port alone");
    return ListenAddress{address, static_cast<std::uint16_t>(*port)};
}

Outcome<void> serve_captures(const std::string& socket, const nlohmann::json& wish, const ListenAddress& at, Remarks remarks) {
    // What the daemon would refuse is better told now than to the first reader.
    if (const auto tried = open_capture(socket, wish, "capture"); !tried) return tl::unexpected(tried.error());
    ListenAddress place = at;
    const auto listener = listen_at(place);
    if (!listener) return tl::unexpected(listener.error());
    asked_to_stop = 0;
    watch_signals();
    if (remarks == Remarks::told)
        std::fputs(fmt::format("listening at {}: wireshark -k -i TCP@{}\n", shown(place), shown(place)).c_str(), stderr);

    std::set<pid_t> readers;
    const timespec no_longer{0, 200'000'000};  // a signal may come between looking and waiting
    // A capture that ends after a time has an end for who comes late, too.
    const std::chrono::seconds duration{wish.value("duration", std::int64_t{0})};
    const auto end = Clock::now() + duration;
    while (asked_to_stop == 0 && (duration.count() == 0 || Clock::now() < end)) {
        reap(readers);
        pollfd waiting{*listener, POLLIN, 0};
        if (::ppoll(&waiting, 1, &no_longer, nullptr) <= 0) continue;
        const int reader = ::accept4(*listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (reader < 0) continue;
        if (const pid_t child = ::fork(); child == 0) {
            ::close(*listener);
            ::_exit(serve_reader(reader, socket, wish));
        } else if (child > 0) {
            readers.insert(child);
        }
        ::close(reader);
    }
    ::close(*listener);
    end_all(readers);
    return {};
}

}  // namespace hairpin::cli
