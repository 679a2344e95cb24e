#include "lab/machines/line_socket.h"

#include <cerrno>
#include <thread>

namespace hairpin::lab {

namespace {
constexpr std::chrono::milliseconds kBetweenConnects{20};
}  // namespace

LineSocket::Errno LineSocket::connect(const std::string& path, Deadline deadline) {
    for (;;) {
        const Errno problem = socket_.connect(path, deadline);
        const bool may_come = problem == ENOENT || problem == ECONNREFUSED;
        if (!may_come || std::chrono::steady_clock::now() >= deadline) return problem;
        std::this_thread::sleep_for(kBetweenConnects);
    }
}

LineSocket::Errno LineSocket::next_line(std::string& line, Deadline deadline) {
    for (;;) {
        if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
            line = received_.substr(0, end);
            received_.erase(0, end + 1);
            if (!line.empty() && line.back() == '\r') line.pop_back();
            return 0;
        }
        if (received_.size() > longest_line_) return EMSGSIZE;
        const std::size_t before = received_.size();
        if (const Errno problem = socket_.receive(received_, deadline)) return problem;
        if (received_.size() == before) return EPIPE;
    }
}

}  // namespace hairpin::lab
