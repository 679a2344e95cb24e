#pragma once
// One message of a Unix socket that keeps messages apart (SOCK_SEQPACKET), with the descriptors that came in it (SCM_RIGHTS, unix(7)).

#include <optional>
#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "runtime/uv_handle.h"

namespace hairpin::runtime {

struct DescriptorMessage {
    static constexpr std::size_t kMostBytes = 4096;
    static constexpr std::size_t kMostDescriptors = 8;  // the kernel closes what is beyond

    std::string text;
    std::vector<FileDescriptor> descriptors;  // ours from the moment on that the message has been read
    bool too_long = false;                    // the text is its beginning
    bool too_many = false;                    // more descriptors came than these
};

// What waits at the socket: nothing yet, a message, or an error, when the other side has closed it too. Never waits.
Result<std::optional<DescriptorMessage>> receive_message(int socket);

// Closes a descriptor of which nothing is known on a thread of libuv's pool: it may be a file of whoever has passed it, and closing may
// last for as long as they like (close(2) flushes, and the file system may be theirs). The loop ends no sooner than that.
void close_elsewhere(EventLoop& loop, FileDescriptor descriptor);

}  // namespace hairpin::runtime
