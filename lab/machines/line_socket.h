#pragma once
// A connection to somebody who speaks in lines at a Unix socket that QEMU makes when it starts: its monitor, or the agent of a guest.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "control/unix_socket.h"

namespace hairpin::lab {

class LineSocket {
public:
    using Errno = control::UnixSocket::Errno;
    using Deadline = std::chrono::steady_clock::time_point;

    // A longer line is none that the other would say.
    explicit LineSocket(std::size_t longest_line) : longest_line_(longest_line) {}

    // All answer 0, or errno; ETIMEDOUT where the deadline has passed meanwhile.
    // A socket that is not there yet is waited for: then it is what connect(2) said last.
    Errno connect(const std::string& path, Deadline deadline);
    Errno send(std::string_view text, Deadline deadline) { return socket_.send(text, deadline); }
    // The next line without its end. EPIPE where the other has closed, EMSGSIZE where the line is too long.
    Errno next_line(std::string& line, Deadline deadline);

private:
    control::UnixSocket socket_;
    std::string received_;
    std::size_t longest_line_;
};

}  // namespace hairpin::lab
