#include "lab/machines/monitor.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "control/unix_socket.h"

namespace hairpin::lab {

namespace {

using namespace std::chrono_literals;
using QmpJson = nlohmann::json;
using QmpClock = std::chrono::steady_clock;

constexpr auto kMonitorPatience = 10s;
constexpr auto kBetweenTries = 20ms;  // QEMU's socket is not there yet
constexpr std::size_t kLongestMessage = 1 << 20;

class Monitor {
public:
    explicit Monitor(std::string path) : path_(std::move(path)), deadline_(QmpClock::now() + kMonitorPatience) {}

    // Its greeting has to be answered before it takes commands.
    Result<void> connect() {
        for (;;) {
            const int problem = socket_.connect(path_, deadline_);
            if (problem == 0) break;
            const bool may_come = problem == ENOENT || problem == ECONNREFUSED;
            if (!may_come || QmpClock::now() >= deadline_) return wrong(std::strerror(problem));
            std::this_thread::sleep_for(kBetweenTries);
        }
        const auto greeting = next_with("QMP");
        if (!greeting) return tl::unexpected(greeting.error());
        return execute("qmp_capabilities", QmpJson::object());
    }

    Result<void> execute(const std::string& command, const QmpJson& arguments) {
        const std::string line = QmpJson{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
        if (const int problem = socket_.send(line, deadline_)) return wrong(std::strerror(problem));
        const auto answer = next_with("return");
        if (!answer) return tl::unexpected(answer.error());
        return {};
    }

private:
    // Events come in between, and are nothing to us.
    Result<QmpJson> next_with(const char* key) {
        for (;;) {
            const auto line = next_line();
            if (!line) return tl::unexpected(line.error());
            const QmpJson message = QmpJson::parse(*line, nullptr, false);
            if (!message.is_object()) return wrong("answers what is not understood");
            if (message.contains(key)) return message;
            if (message.contains("error")) return wrong(message["error"].value("desc", message["error"].dump()));
        }
    }

    Result<std::string> next_line() {
        for (;;) {
            if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
                std::string line = received_.substr(0, end);
                received_.erase(0, end + 1);
                return line;
            }
            if (received_.size() > kLongestMessage) return wrong("says too much");
            const std::size_t before = received_.size();
            if (const int problem = socket_.receive(received_, deadline_)) return wrong(std::strerror(problem));
            if (received_.size() == before) return wrong("has closed the connection");
        }
    }

    tl::unexpected<Error> wrong(const std::string& what) const {
        return failure(fmt::format("QEMU's monitor {}: {}", path_, what));
    }

    std::string path_;
    QmpClock::time_point deadline_;
    control::UnixSocket socket_;
    std::string received_;
};

}  // namespace

Result<void> set_link(const std::string& path, const std::string& netdev, bool is_up) {
    Monitor monitor{path};
    return monitor.connect().and_then([&] { return monitor.execute("set_link", {{"name", netdev}, {"up", is_up}}); });
}

}  // namespace hairpin::lab
