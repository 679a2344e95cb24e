#pragma once
// JSON-RPC 2.0, the other half: asks a daemon and waits for its answer.
//
//   auto daemon = Client::connect("/run/hairpin/control.sock");
//   auto ports = daemon->call("show.ports");              // {"rows": [...]}
//   daemon->call("monitor"); daemon->listen(print_event);
//
// One request at a time. Every wait but listen()'s ends after `timeout`, and an answer that comes later is not taken for another's.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>

#include "control/line_splitter.h"
#include "control/protocol.h"
#include "control/unix_socket.h"
#include "net/result.h"

namespace hairpin::control {

enum class CallFailure {
    unreachable,  // nobody listens at the socket, or the daemon went away
    denied,       // we may not open the socket
    timed_out,
    refused,   // the daemon answered with an error: `code` and `data` hold it
    protocol,  // what came is not what the protocol allows
};

// An Error (so it fits where a Result is returned) that keeps what a program may want to know. `path` is where in a configuration.
struct CallError : Error {
    CallFailure failure{};
    int code = 0;      // of JSON-RPC, when refused
    std::string hint;  // what to do about it, or empty
    std::string data;  // of the JSON-RPC error, as JSON text; or empty

    // One line: `path: message (hint)`.
    std::string sentence() const;
};

class Client {
public:
    static constexpr std::size_t kMostWaitingEvents = 65536;

    static tl::expected<Client, CallError> connect(const std::string& path, std::chrono::milliseconds timeout = kCallTimeout);

    tl::expected<nlohmann::json, CallError> call(const std::string& method);  // without parameters
    tl::expected<nlohmann::json, CallError> call(const std::string& method, const nlohmann::json& params);

    // Hands over the parameters of each "event" in the order they came, those included that came while a call waited (of which at
    // most kMostWaitingEvents are kept; more is a protocol error). Returns when on_event returns false, or with an error when the
    // daemon goes away.
    tl::expected<void, CallError> listen(const std::function<bool(const nlohmann::json& event)>& on_event);

    // Behind the answer of a method after which the connection carries bytes that are no lines: the connection, and what of them came with
    // the answer.
    struct Stream {
        UnixSocket socket;
        std::string begun;
    };
    Stream into_stream() && { return {std::move(socket_), lines_.take_rest()}; }

    const std::string& path() const { return path_; }

private:
    Client(UnixSocket socket, std::string path, std::chrono::milliseconds timeout)
        : socket_(std::move(socket)), path_(std::move(path)), timeout_(timeout) {}
    tl::expected<nlohmann::json, CallError> next_message(Deadline deadline);
    // `system_answer` is errno, or 0 when the daemon has closed in good order.
    CallError lost(int system_answer, const std::string& awaited) const;

    UnixSocket socket_;
    std::string path_;
    std::chrono::milliseconds timeout_;
    LineSplitter lines_;
    std::deque<std::string> events_;  // as JSON text
    std::uint64_t last_id_ = 0;
};

}  // namespace hairpin::control
