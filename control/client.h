#pragma once
// The client's side: connects to a daemon's control socket, calls methods and waits for their answers.

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "control/line_splitter.h"
#include "net/result.h"

namespace hairpin::control {

// What went wrong with a call: the daemon's own error, or (code 0) that it could not be reached or did not answer.
struct CallError {
    int code = 0;
    std::string message;
    std::string path = {};  // where in what was sent
    std::string hint = {};
};

class Client {
public:
    static constexpr std::chrono::milliseconds kPatience{10'000};

    // An error says whether the daemon is not running, or may not be spoken to.
    static Result<Client> connect(const std::string& path);
    Client(Client&& other) noexcept;
    Client& operator=(Client&& other) noexcept;
    ~Client();

    void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

    // Waits at most as long as the patience lasts. Events that arrive meanwhile are kept for listen().
    tl::expected<nlohmann::json, CallError> call(const std::string& method, const nlohmann::json& parameters);
    // Hands every event's parameters to `event` until that returns false, or the daemon hangs up (an error), or a signal comes.
    Result<void> listen(const std::function<bool(const nlohmann::json& event)>& event);

private:
    Client(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    Result<void> send(const std::string& line);
    // Blocks until a line is there. A negative patience waits for ever.
    Result<std::string> next_line(std::chrono::milliseconds patience);

    int descriptor_;
    std::string path_;
    std::chrono::milliseconds patience_ = kPatience;
    std::uint64_t last_id_ = 0;
    LineSplitter splitter_;
    std::vector<std::string> lines_;
    std::vector<std::string> events_;
};

}  // namespace hairpin::control
