#pragma once
// Somebody inside a virtual machine who runs shell scripts for us: scripts/guest-init at its second serial port, of which QEMU makes a
// Unix socket. Lines go both ways:
//
//   guest  ready                                       when it has booted, and set up its interfaces
//   we     ID SECONDS BASE64                           a script, and how long it may take
//   guest  ID STATUS =BASE64 =BASE64                   what it ended with, and what it said on its output and its error output
//
// One script runs at a time; QEMU lets one connect at a time, so who comes second waits. An answer to somebody who has gone is known by its id.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lab/machines/line_socket.h"
#include "lab/processes.h"
#include "net/result.h"

namespace hairpin::lab {

class Agent {
public:
    // Waits for the socket, too, which QEMU makes when it starts.
    static Result<Agent> connect(const std::string& socket, std::chrono::milliseconds limit);

    // Until the guest says that it is ready; an error when the machine has ended before, or the time has passed.
    Result<void> wait_until_ready(std::chrono::milliseconds limit);
    // A script that takes too long is ended there, as timeout(1) does: its status is 143 or 124.
    Result<Finished> run(const std::string& script, std::chrono::seconds limit);

private:
    explicit Agent(LineSocket socket) : socket_(std::move(socket)) {}
    Result<std::string> next_line(std::chrono::steady_clock::time_point deadline);

    LineSocket socket_;
};

std::string to_base64(std::string_view text);
// Nothing where it is none.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace hairpin::lab
