#include "cli/capture_stream.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/write_all.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

// Of the capture that a signal ends: there is one in a process.
volatile int capture_socket = -1;

void ask_for_the_end(int) {
    const int error = errno;
    ::shutdown(capture_socket, SHUT_WR);
    errno = error;
}

// While it lives, the first SIGINT or SIGTERM asks for the end, and writing to where nobody reads is an error and no signal.
class EndBySignal {
public:
    explicit EndBySignal(int socket) {
        capture_socket = socket;
        struct sigaction action {};
        action.sa_handler = ask_for_the_end;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        ::sigaction(SIGINT, &action, &interrupt_);
        ::sigaction(SIGTERM, &action, &terminate_);
        action = {};
        action.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &action, &pipe_);
    }
    ~EndBySignal() {
        ::sigaction(SIGINT, &interrupt_, nullptr);
        ::sigaction(SIGTERM, &terminate_, nullptr);
        ::sigaction(SIGPIPE, &pipe_, nullptr);
    }
    EndBySignal(const EndBySignal&) = delete;
    EndBySignal& operator=(const EndBySignal&) = delete;

private:
    struct sigaction interrupt_ {
    }, terminate_{}, pipe_{};
};

bool nobody_reads(int error) { return error == EPIPE || error == ECONNRESET; }

// `write` takes all of what it is given, and answers 0 or errno. What `watched` is of is gone when it has hung up; -1: nothing.
template <class Write>
Outcome<CaptureCount> carry_to(control::Client::Stream stream, const Write& write, int watched,
                               const std::string& name_of_output) {
    const EndBySignal end{stream.socket.descriptor()};
    std::string bytes = std::move(stream.begun);
    CaptureCount count;
    while (true) {
        count.take(bytes);
        if (const int error = write(bytes); error != 0) {
            if (nobody_reads(error)) return count;
            return failed_with(ExitCode::failed,
                               fmt::format("cannot write the capture to {}: {}", name_of_output, std::strerror(error)));
        }
        bytes.clear();
        // Of a pipe or a socket POLLERR or POLLRDHUP tells that its reader has gone, although nothing is written now.
        std::array<pollfd, 2> waiting{pollfd{stream.socket.descriptor(), POLLIN, 0}, pollfd{watched, POLLRDHUP, 0}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;  // a signal
        if ((waiting[1].revents & (POLLERR | POLLHUP | POLLRDHUP)) != 0) return count;
        if (waiting[0].revents == 0) continue;
        if (const int error = stream.socket.receive(bytes, std::nullopt); error != 0)
            return failed_with(ExitCode::unreachable, fmt::format("the capture is broken off: {}", std::strerror(error)));
        if (bytes.empty()) return count;
    }
}

}  // namespace

Outcome<OpenCapture> open_capture(const std::string& socket, const nlohmann::json& wish, std::string_view typed) {
    const std::string shown{typed};
    auto daemon = control::Client::connect(socket);
    if (!daemon) return tl::unexpected(failure_of(daemon.error(), shown));
    const auto begun = daemon->call(control::method::kCapture, wish);
    if (!begun) return tl::unexpected(failure_of(begun.error(), shown));
    return OpenCapture{std::move(*daemon).into_stream(), begun->value("interfaces", std::vector<std::string>{})};
}

Outcome<CaptureCount> carry_capture(control::Client::Stream stream, int output, const std::string& name_of_output) {
    return carry_to(
        std::move(stream), [&](std::string_view bytes) { return write_all(output, bytes); }, output, name_of_output);
}

Outcome<CaptureCount> carry_capture(control::Client::Stream stream, CaptureRing ring, const std::string& name_of_output) {
    return carry_to(
        std::move(stream), [&](std::string_view bytes) { return ring.take(bytes); }, -1, name_of_output);
}

}  // namespace hairpin::cli
