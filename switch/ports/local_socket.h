#pragma once
// A Unix socket of ours at a path of the file system, by which virtual machines and other programs of this machine reach a port.
//
// What a daemon that is gone has left at the path is taken over; where somebody answers, or where something else than a socket is, the
// path is refused. Its mode is 0660: whoever may write to it is plugged in. It is removed with its owner, unless another has taken its
// place meanwhile.

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <string>
#include <utility>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::l2 {

// The longest path that a Unix socket can have, without its zero.
inline constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

// The path must not be longer than that.
sockaddr_un local_address(const std::string& path);

class LocalSocket {
public:
    enum class Kind : int { datagram = SOCK_DGRAM, stream = SOCK_STREAM };

    LocalSocket() = default;
    // Bound, and listening if it is a stream; non-blocking. Its folder is made where it is missing.
    static Result<LocalSocket> bind(const std::string& path, Kind kind);
    LocalSocket(LocalSocket&& other) noexcept
        : socket_(std::move(other.socket_)), path_(std::exchange(other.path_, {})), file_(other.file_) {}
    LocalSocket& operator=(LocalSocket&& other) noexcept {
        std::swap(socket_, other.socket_), std::swap(path_, other.path_), std::swap(file_, other.file_);
        return *this;
    }
    ~LocalSocket();

    int descriptor() const { return socket_.get(); }
    const std::string& path() const { return path_; }

private:
    struct File {
        dev_t device = 0;
        ino_t number = 0;
        friend bool operator==(const File&, const File&) = default;
    };
    static File file_at(const std::string& path);

    FileDescriptor socket_;
    std::string path_;
    File file_;
};

// Room in the kernel for bursts either way, beyond the machine's limit where we may go beyond it.
void set_socket_buffers(int descriptor);

}  // namespace hairpin::l2
