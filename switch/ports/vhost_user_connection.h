#pragma once
// One front-end that is connected: bytes and descriptors in, messages out. Nothing waits for it: a message that has come in part is kept
// until the rest is there, and one who does not read our answers is let go.

#include <sys/socket.h>

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/vhost/message.h"

namespace hairpin::l2 {

class VhostUserConnection {
public:
    // A non-blocking stream socket.
    explicit VhostUserConnection(FileDescriptor socket) : socket_(std::move(socket)) {}

    int descriptor() const { return socket_.get(); }
    // Whether an error of next() is that it has gone.
    bool has_gone() const { return has_gone_; }

    struct Incoming {
        vhost::Message message;
        std::vector<FileDescriptor> descriptors;
    };
    // The next message, or none as yet. An error: it has gone, or what it says makes no sense. There is no more to come then.
    Result<std::optional<Incoming>> next();
    // False: it does not take it.
    bool answer(const vhost::Message& message, std::span<const std::byte> payload);

private:
    // True: everything up to `wanted` is there.
    Result<bool> read_up_to(std::size_t wanted);
    Result<void> keep_descriptors(msghdr& message);

    FileDescriptor socket_;
    bool has_gone_ = false;
    std::array<std::byte, sizeof(vhost::MessageHeader) + vhost::kLargestPayload> bytes_{};
    std::size_t there_ = 0;
    std::vector<FileDescriptor> descriptors_;
};

}  // namespace hairpin::l2
