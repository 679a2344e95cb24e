#pragma once
// A connected Unix stream socket whose every wait has an end. Owns its descriptor.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hairpin::control {

// When to give up; nullopt waits for ever.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

class UnixSocket {
public:
    // A system's answer: 0, or errno. ETIMEDOUT when the deadline has passed.
    using Errno = int;

    UnixSocket() = default;
    explicit UnixSocket(int descriptor) : descriptor_(descriptor) {}
    UnixSocket(UnixSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    UnixSocket& operator=(UnixSocket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~UnixSocket();

    // ENAMETOOLONG when the path does not fit the 107 bytes that the kernel has for it.
    Errno connect(const std::string& path, Deadline deadline);
    Errno send(std::string_view bytes, Deadline deadline);
    // Appends what has come; nothing appended and 0 mean that the other side has closed.
    Errno receive(std::string& bytes, Deadline deadline);
    // Tells the other side that nothing more will be sent; what it sends can still be received.
    void send_no_more();
    // To wait for, together with others; -1 without a connection.
    int descriptor() const { return descriptor_; }

private:
    Errno wait(short events, Deadline deadline) const;

    int descriptor_ = -1;
};

}  // namespace hairpin::control
