#pragma once
// Where a Unix socket of the daemon is to listen.

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::runtime {

struct SocketPath {
    std::string_view what;  // "control socket", as errors call it
    int type = SOCK_STREAM;
    std::string_view option;  // by which another path is chosen
    std::string path;
};

// Removes what a daemon that is gone has left there, and makes the folder. Fails in one sentence when somebody answers there.
Result<void> claim(const SocketPath& socket);

}  // namespace hairpin::runtime
