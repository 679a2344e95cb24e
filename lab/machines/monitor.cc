#include "lab/machines/monitor.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "lab/machines/line_socket.h"

namespace hairpin::lab {

namespace {

using namespace std::chrono_literals;
using QmpJson = nlohmann::json;
using QmpClock = std::chrono::steady_clock;

constexpr auto kMonitorPatience = 10s;
constexpr std::size_t kLongestMessage = 1 << 20;

class Monitor {
public:
    explicit Monitor(std::string path) : path_(std::move(path)), deadline_(QmpClock::now() + kMonitorPatience) {}

    // Its greeting has to be answered before it takes commands.
    Result<void> connect() {
        if (const int problem = socket_.connect(path_, deadline_)) return wrong(std::strerror(problem));
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
        std::string line;
        const int problem = socket_.next_line(line, deadline_);
        if (problem == 0) return line;
        return wrong(problem == EPIPE      ? "has closed the connection"
                     : problem == EMSGSIZE ? "says too much"
                                           : std::strerror(problem));
    }

    tl::unexpected<Error> wrong(const std::string& what) const {
        return failure(fmt::format("QEMU's monitor {}: {}", path_, what));
    }

    std::string path_;
    QmpClock::time_point deadline_;
    LineSocket socket_{kLongestMessage};
};

}  // namespace

Result<void> set_link(const std::string& path, const std::string& netdev, bool is_up) {
    Monitor monitor{path};
    return monitor.connect().and_then([&] { return monitor.execute("set_link", {{"name", netdev}, {"up", is_up}}); });
}

}  // namespace hairpin::lab
