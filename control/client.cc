#include "control/client.h"

#include <grp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "control/nesting.h"

namespace hairpin::control {

using nlohmann::json;

namespace {

constexpr char kHowToStart[] = "start it with `hairpin lab up NAME`, or `hairpind --config FILE`";

// "be root, or in group hairpin": by whom the socket may be used.
std::string who_may_use(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0 || file.st_gid == 0) return "try as root";
    std::array<char, 4096> text{};
    group entry{};
    group* found = nullptr;
    ::getgrgid_r(file.st_gid, &entry, text.data(), text.size(), &found);
    return "try as root, or join group " + (found != nullptr ? std::string{entry.gr_name} : std::to_string(file.st_gid));
}

CallError connect_error(const std::string& path, int system_answer) {
    CallError error;
    error.failure = CallFailure::unreachable;
    error.message = "no daemon at " + path + ": " + std::strerror(system_answer);
    switch (system_answer) {
        case ENOENT:
        case ENOTDIR: error.hint = kHowToStart; break;
        case ECONNREFUSED: error.hint = std::string{"its daemon has ended without cleaning up; "} + kHowToStart; break;
        case EACCES:
        case EPERM:
            error.failure = CallFailure::denied;
            error.message = "cannot open " + path + ": " + std::strerror(system_answer);
            error.hint = who_may_use(path);
            break;
        case ETIMEDOUT:
            error.failure = CallFailure::timed_out;
            error.message = "the daemon at " + path + " accepts no connection: it is busy, or stopped";
            break;
        case ENAMETOOLONG: error.message = "no daemon at " + path + ": the path of a Unix socket has at most 107 bytes"; break;
        case ENOTSOCK: error.message = "no daemon at " + path + ": it is not a socket"; break;
        default: break;
    }
    return error;
}

CallError protocol_error(const std::string& path, const std::string& what) {
    CallError error;
    error.failure = CallFailure::protocol;
    error.message = "the daemon at " + path + " " + what;
    return error;
}

std::string text_in(const json& data, const char* key) {
    return data.is_object() && data.contains(key) && data[key].is_string() ? data[key].get<std::string>() : std::string{};
}

CallError refusal(const json& answer) {
    CallError error;
    error.failure = CallFailure::refused;
    const auto code = answer.find("code");
    error.code = code != answer.end() && code->is_number_integer() ? code->get<int>() : kInternalError;
    error.message = text_in(answer, "message");
    if (error.message.empty()) error.message = "the daemon gave no reason";
    if (answer.contains("data")) {
        const json& data = answer["data"];
        error.data = data.dump();
        error.path = text_in(data, "path");
        error.hint = text_in(data, "hint");
        if (const std::string reason = text_in(data, "reason"); !reason.empty()) error.message = reason;
    }
    return error;
}

}  // namespace

std::string CallError::sentence() const {
    return (path.empty() ? "" : path + ": ") + message + (hint.empty() ? "" : " (" + hint + ")");
}

tl::expected<Client, CallError> Client::connect(const std::string& path, std::chrono::milliseconds timeout) {
    UnixSocket socket;
    if (const int answer = socket.connect(path, std::chrono::steady_clock::now() + timeout))
        return tl::unexpected(connect_error(path, answer));
    return Client{std::move(socket), path, timeout};
}

tl::expected<json, CallError> Client::call(const std::string& method) { return call(method, json::object()); }

tl::expected<json, CallError> Client::call(const std::string& method, const json& params) {
    const std::uint64_t id = ++last_id_;
    const Deadline deadline = std::chrono::steady_clock::now() + timeout_;
    json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
    if (!params.empty()) request["params"] = params;
    const std::string line = request.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    if (const int answer = socket_.send(line, deadline)) return tl::unexpected(lost(answer, method));

    while (true) {
        auto message = next_message(deadline);
        if (!message) {
            if (message.error().failure == CallFailure::timed_out) return tl::unexpected(lost(ETIMEDOUT, method));
            return message;
        }
        if (text_in(*message, "method") == method::kEvent) {
            if (events_.size() == kMostWaitingEvents) return tl::unexpected(protocol_error(path_, "sends events and no answer"));
            events_.push_back(message->value("params", json::object()).dump());
            continue;
        }
        const json answered = message->value("id", json());
        if (message->contains("error") && (*message)["error"].is_object() && (answered == id || answered.is_null()))
            return tl::unexpected(refusal((*message)["error"]));
        if (answered == id && message->contains("result")) return (*message)["result"];
    }
}

tl::expected<void, CallError> Client::listen(const std::function<bool(const json& event)>& on_event) {
    while (true) {
        while (!events_.empty()) {
            const json event = json::parse(events_.front());
            events_.pop_front();
            if (!on_event(event)) return {};
        }
        auto message = next_message(std::nullopt);
        if (!message) return tl::unexpected(message.error());
        if (text_in(*message, "method") == method::kEvent && !on_event(message->value("params", json::object()))) return {};
    }
}

tl::expected<json, CallError> Client::next_message(Deadline deadline) {
    while (true) {
        if (const auto line = lines_.next()) {
            if (nested_too_deeply(*line)) return tl::unexpected(protocol_error(path_, "sent an answer that nests too deeply"));
            json message = json::parse(*line, nullptr, false);
            if (!message.is_object()) return tl::unexpected(protocol_error(path_, "does not speak JSON-RPC"));
            return message;
        }
        if (lines_.overflowed()) return tl::unexpected(protocol_error(path_, "sent a line longer than the protocol allows"));
        std::string bytes;
        if (const int answer = socket_.receive(bytes, deadline)) return tl::unexpected(lost(answer, "an answer"));
        if (bytes.empty()) return tl::unexpected(lost(0, "an answer"));
        lines_.feed(bytes);
    }
}

CallError Client::lost(int system_answer, const std::string& awaited) const {
    CallError error;
    if (system_answer == ETIMEDOUT) {
        error.failure = CallFailure::timed_out;
        error.message =
            "the daemon at " + path_ + " did not answer " + awaited + " within " + std::to_string(timeout_.count()) + " ms";
    } else {
        error.failure = CallFailure::unreachable;
        error.message = "the daemon at " + path_ + " has ended the connection";
        if (system_answer != 0) error.message += std::string{": "} + std::strerror(system_answer);
    }
    return error;
}

}  // namespace hairpin::control
