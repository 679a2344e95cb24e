#pragma once
// The daemon's side of JSON-RPC 2.0: a table of methods, and one line in, one line out. Knows nothing of sockets: runtime/ feeds it.

#include <sys/types.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::control {

struct RpcError {
    int code = 0;
    std::string message;
    nlohmann::json data = nlohmann::json::object();  // {"path", "reason", "hint"}, as far as there are any
};

// Whose call it is, and how to reach them later. Lives as long as the connection.
struct Caller {
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = 0;
    std::function<void(std::string_view line)> notify;            // sends a line of its own accord
    std::function<void(std::function<void()> farewell)> on_close;  // registers what to do when the connection ends
};

struct Method {
    using Answer = tl::expected<nlohmann::json, RpcError>;
    std::string name;
    std::string description;
    std::function<Answer(const nlohmann::json& parameters, Caller& caller)> handler;
};

class Dispatcher {
public:
    // The name must be new.
    void add(Method method);
    const std::map<std::string, Method, std::less<>>& methods() const { return methods_; }

    // One message, or a batch of them, as a line; the answer as a line without its newline, empty when none is owed (notifications).
    // Whatever comes in, something sensible comes out: no exception leaves.
    std::string handle(std::string_view line, Caller& caller) const;

private:
    nlohmann::json handle_one(const nlohmann::json& request, Caller& caller) const;
    RpcError unknown_method(std::string_view name) const;

    std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace hairpin::control
