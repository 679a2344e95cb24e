#pragma once
// Frames as datagrams of a Unix socket, one frame each, many of them a system call.

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <cstddef>
#include <span>
#include <vector>

#include "net/packet.h"
#include "net/reserved_array.h"

namespace hairpin::l2 {

// Memory for a burst is reserved at once and touched where it is used: short frames touch 2 KiB each.
class DatagramReader {
public:
    struct Arrived {
        std::span<const std::byte> bytes;
        std::size_t length;  // longer than `bytes` where it was too long for any packet, and was cut off
    };
    DatagramReader();

    // What has arrived, at most kBurstPackets and about kBurstBytes; valid until the next call.
    std::span<const Arrived> read(int descriptor);
    // Whether the last call left something, perhaps.
    bool more() const { return more_; }

private:
    ReservedArray<std::byte> slots_;
    std::vector<Arrived> arrived_;
    std::size_t next_burst_ = kBurstPackets;  // datagrams to ask for: one while they are long, so that a burst keeps to its bytes
    bool more_ = false;
};

class DatagramWriter {
public:
    // Sends each packet, to `to` or, without one, to whom the socket is connected. Of each: 0, or the errno. Valid until the next call.
    std::span<const int> send(int descriptor, const sockaddr_un* to, const Batch& packets);

private:
    std::vector<iovec> pieces_;
    std::vector<mmsghdr> headers_;
    std::vector<int> outcomes_;
};

}  // namespace hairpin::l2
