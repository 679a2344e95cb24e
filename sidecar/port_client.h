#pragma once
// The other side of the gateway's port socket (runtime/port_socket.h, docs/ports.md): one connection, by which one device is passed to one
// port. The port is ours for as long as the connection is open.

#include <cstdint>
#include <optional>
#include <string>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::sidecar {

// What the gateway has answered: that the device is its port's now, or why not.
struct PortAnswer {
    bool ok = false;
    std::string error;
    std::string mac;
    unsigned mtu = 0;
};
// From what it has written, which may be anything.
Result<PortAnswer> read_answer(const std::string& text);

class PortClient {
public:
    static Result<PortClient> connect(const std::string& path);

    int descriptor() const { return socket_.get(); }
    // How long the port has the device: as long as this connection lasts, or also without it.
    enum class Stays : std::uint8_t { with_the_connection, for_good };
    // Sends the device; the gateway keeps a duplicate of the descriptor.
    Result<void> pass(const std::string& port, int device, Stays stays = Stays::with_the_connection) const;
    // The next answer, or none yet. An Error when the gateway has closed the connection. Never waits.
    Result<std::optional<PortAnswer>> answer() const;

private:
    explicit PortClient(FileDescriptor socket) : socket_(std::move(socket)) {}
    FileDescriptor socket_;
};

}  // namespace hairpin::sidecar
