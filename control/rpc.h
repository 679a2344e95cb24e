#pragma once
// JSON-RPC 2.0, the daemon's half: a table of methods, and what turns a line with a request into the line that answers it.
//
//   {"jsonrpc":"2.0","id":1,"method":"version"}   ->  {"id":1,"jsonrpc":"2.0","result":{...}}
//   {"jsonrpc":"2.0","method":"stop"}             ->  (a notification: done, and not answered)
//   [{...},{...}]                                 ->  [{...},{...}]
//
// It knows no socket: whoever does (runtime/control_socket.h) feeds it lines and sends what it returns. Parameters are given by
// name; a request without any hands its method an empty object.

#include <sys/types.h>

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/protocol.h"
#include "net/result.h"

namespace hairpin::control {

// Why a method could not do what it was asked. `data` is JSON text, or empty; it may hold "path", "reason" and "hint".
struct RpcError {
    RpcError(int code_of_error, std::string what) : code(code_of_error), message(std::move(what)) {}
    // An empty object or null as data is the same as none.
    RpcError(int code_of_error, std::string what, const nlohmann::json& more);

    int code;
    std::string message;
    std::string data;
};

// What a connection becomes behind the answer of a method that says so: bytes that are no lines, until it ends.
struct ByteStream {
    // `taken` is told when the system has taken these; it is not when the connection ends before. One at a time, and none before
    // the method has answered.
    std::function<void(std::string bytes, std::function<void()> taken)> send;
    std::function<void()> close;
};

// Who calls. Owned by the connection and alive as long as it; a method may copy `notify` and use it until on_close has told it not to.
struct Caller {
    uid_t uid = static_cast<uid_t>(-1);  // by SO_PEERCRED, so the kernel vouches for it
    gid_t gid = static_cast<gid_t>(-1);
    pid_t pid = 0;
    std::function<void(std::string_view line)> notify;           // sends a line that answers nothing: an event; adds the newline
    std::function<void(std::function<void()> closed)> on_close;  // asks to be told when the connection ends
    // The answer of the method that asks for it is the last line. What the client sends is read no more, but that it sends no more (shutdown,
    // by which it asks for the end) is told. Empty where nobody can carry a stream.
    std::function<ByteStream(std::function<void()> asked_to_end)> become_stream;
};

class Dispatcher {
public:
    using Answer = tl::expected<nlohmann::json, RpcError>;
    using Handler = std::function<Answer(const nlohmann::json& params, Caller& caller)>;

    struct Method {
        std::string name;
        std::string description;  // a few words, for lists
        Handler handler;
        // A parameter that may be megabytes and is read by somebody else: the handler finds its JSON text, as a string. Whether
        // that text is JSON, who reads it has to see. Empty: there is none.
        std::string verbatim = {};
    };

    // Names are unique. Methods are added at start-up, before the first line.
    void add(Method method);
    const std::vector<Method>& methods() const { return methods_; }

    // The line that answers this one, without a newline; empty when none does (notifications, a blank line). Whatever comes in,
    // however broken, is answered as section 5 of the specification says; an exception in a method becomes "internal error".
    std::string handle(std::string_view line, Caller& caller) const;

private:
    // A parameter within a line, that its method wants as it is.
    struct Verbatim {
        std::string_view name, text;
    };
    const Method* find(std::string_view name) const;
    std::optional<Verbatim> find_verbatim(std::string_view line) const;
    nlohmann::json read(std::string_view line) const;
    void make_verbatim(nlohmann::json& request) const;
    nlohmann::json handle_request(const nlohmann::json& request, Caller& caller) const;
    Answer call(const std::string& name, const nlohmann::json& params, Caller& caller) const;

    std::vector<Method> methods_;
};

}  // namespace hairpin::control
