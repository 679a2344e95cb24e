#include "lab/machines/agent.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sstream>

namespace hairpin::lab {

namespace {

using AgentClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kForTheWay = 10s;            // beyond what the script may take
constexpr std::size_t kMostSaid = 8 << 20;  // of one answer; guest-init cuts at less

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Result<Agent> Agent::connect(const std::string& path, std::chrono::milliseconds limit) {
    LineSocket socket{kMostSaid};
    const int problem = socket.connect(path, AgentClock::now() + limit);
    if (problem != 0) return failure(fmt::format("{}: {}", path, std::strerror(problem)));
    return Agent{std::move(socket)};
}

Result<std::string> Agent::next_line(AgentClock::time_point deadline) {
    std::string line;
    const int problem = socket_.next_line(line, deadline);
    if (problem == 0) return line;
    return failure(problem == ETIMEDOUT  ? "the machine does not answer"
                   : problem == EMSGSIZE ? "the machine says too much"
                                         : "the machine has ended");
}

Result<void> Agent::wait_until_ready(std::chrono::milliseconds limit) {
    const auto deadline = AgentClock::now() + limit;
    for (;;) {
        const auto line = next_line(deadline);
        if (!line) return tl::unexpected(line.error());
        if (*line == "ready") return {};
    }
}

Result<Finished> Agent::run(const std::string& script, std::chrono::seconds limit) {
    const std::string id = fmt::format("{}.{}", ::getpid(), AgentClock::now().time_since_epoch().count());
    // An empty line first: what somebody before us left half written ends there.
    const std::string asked = fmt::format("\n{} {} {}\n", id, limit.count(), to_base64(script));
    const auto deadline = AgentClock::now() + limit + kForTheWay;
    if (socket_.send(asked, deadline) != 0) return failure("the machine has ended");
    for (;;) {
        const auto line = next_line(deadline);
        if (!line) return tl::unexpected(line.error());
        std::istringstream words{*line};
        std::string whose, output, errors;
        int status = 0;
        if (!(words >> whose >> status >> output >> errors) || whose != id) continue;
        const auto said = from_base64(std::string_view{output}.substr(1));
        const auto complained = from_base64(std::string_view{errors}.substr(1));
        if (!said || !complained) return failure("the machine's answer cannot be read");
        return Finished{.status = status, .output = *said, .error_output = *complained};
    }
}

std::string to_base64(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, text.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? static_cast<unsigned char>(text[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) result += i <= count ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    }
    return result;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string result;
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool last = at + 4 == text.size();
        const std::size_t filled = !last ? 0 : text[at + 3] != '=' ? 0 : text[at + 2] != '=' ? 1 : 2;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t digit = i < 4 - filled ? kDigits.find(text[at + i]) : 0;
            if (digit == std::string_view::npos) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(digit);
        }
        for (std::size_t i = 0; i < 3 - filled; ++i) result += static_cast<char>(group >> (16 - 8 * i) & 0xff);
    }
    return result;
}

}  // namespace hairpin::lab
