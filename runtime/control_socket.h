#pragma once
// The control socket: JSON-RPC 2.0, one message a line, over a Unix stream socket with mode 0660. Who calls is known by
// SO_PEERCRED. A client that does not read what it asked for is cut off when kMostUnsent bytes wait for it; one whose line is longer
// than the protocol allows is told so and cut off; beyond kMostClients nobody is let in. A connection may become a stream of bytes
// (control/rpc.h), of which one portion at a time waits here.

#include <memory>
#include <string>
#include <unordered_set>

#include "control/rpc.h"
#include "runtime/uv_handle.h"

namespace hairpin::runtime {

// Removes what a daemon that is gone has left at `path`, and makes the folder. Fails in one sentence when somebody answers there.
Result<void> claim_socket_path(const std::string& path);

class ControlSocket {
public:
    static constexpr std::size_t kMostUnsent = 32 * 1024 * 1024;
    static constexpr std::size_t kMostClients = 1024;

    // Begins to listen; the path has been claimed. The dispatcher outlives the socket.
    static Result<std::unique_ptr<ControlSocket>> listen(EventLoop& loop, const std::string& path,
                                                         const control::Dispatcher& dispatcher);
    ~ControlSocket();  // closes every connection and removes the file
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

private:
    class Connection;
    ControlSocket(EventLoop& loop, std::string path, const control::Dispatcher& dispatcher);
    void accept();

    EventLoop& loop_;
    std::string path_;
    const control::Dispatcher& dispatcher_;
    UvHandle<uv_pipe_t> listener_;
    std::unordered_set<Connection*> connections_;
};

}  // namespace hairpin::runtime
