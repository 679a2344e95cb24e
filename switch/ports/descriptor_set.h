#pragma once
// Several descriptors of one port, as one that an event loop can watch: it is readable while any of them has something (epoll(7)). So
// a port that listens, or waits for its device, changes what it waits for without the loop knowing.

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::l2 {

class DescriptorSet {
public:
    enum class For : std::uint32_t { reading = EPOLLIN, reading_and_writing = EPOLLIN | EPOLLOUT };

    static Result<DescriptorSet> open();

    int descriptor() const { return epoll_.get(); }
    // Adds it, or changes what it is watched for. Must be forgotten before it is closed where somebody else has a copy of it.
    Result<void> watch(int descriptor, For what = For::reading);
    void forget(int descriptor);
    // Those that have something just now, at most kMost; waits for none. Valid until the next call.
    std::span<const int> ready();

private:
    static constexpr std::size_t kMost = 16;
    FileDescriptor epoll_;
    std::array<int, kMost> ready_{};
};

}  // namespace hairpin::l2
