#include "switch/ports/frame_datagrams.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/packet_pool.h"

namespace hairpin::l2 {

namespace {
constexpr std::size_t kLongestDatagram = PacketPool::kLargestFrame;
constexpr std::size_t kFrameSlot = 65536 + 4096;  // whole pages
constexpr std::size_t kShortFrame = 2048;
static_assert(kLongestDatagram <= kFrameSlot);
}  // namespace

DatagramReader::DatagramReader() : slots_(kBurstPackets * kFrameSlot) { arrived_.reserve(kBurstPackets); }

std::span<const DatagramReader::Arrived> DatagramReader::read(int descriptor) {
    std::array<iovec, kBurstPackets> places;
    std::array<mmsghdr, kBurstPackets> headers{};
    for (std::size_t i = 0; i < next_burst_; ++i) {
        places[i] = {&slots_[i * kFrameSlot], kLongestDatagram};
        headers[i].msg_hdr.msg_iov = &places[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    arrived_.clear();
    const std::size_t asked = next_burst_;
    // MSG_TRUNC: the length is the datagram's, also where it was cut off.
    const int received = recvmmsg(descriptor, headers.data(), static_cast<unsigned>(asked), MSG_DONTWAIT | MSG_TRUNC, nullptr);
    bool long_ones = false;
    for (int i = 0; i < received; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const std::size_t length = headers[at].msg_len;
        arrived_.push_back({{&slots_[at * kFrameSlot], std::min(length, kLongestDatagram)}, length});
        long_ones |= length > kShortFrame;
    }
    more_ = received == static_cast<int>(asked);
    next_burst_ = long_ones ? 1 : kBurstPackets;
    return arrived_;
}

std::span<const int> DatagramWriter::send(int descriptor, const sockaddr_un* to, const Batch& packets) {
    const std::size_t count = packets.size();
    pieces_.resize(count);
    headers_.assign(count, mmsghdr{});
    outcomes_.assign(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        pieces_[i] = {packets[i]->data(), packets[i]->size()};
        msghdr& header = headers_[i].msg_hdr;
        header.msg_iov = &pieces_[i];
        header.msg_iovlen = 1;
        header.msg_name = const_cast<sockaddr_un*>(to);
        header.msg_namelen = to != nullptr ? sizeof *to : 0;
    }
    for (std::size_t at = 0; at < count;) {
        const int sent = sendmmsg(descriptor, &headers_[at], static_cast<unsigned>(count - at), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0)
            at += static_cast<std::size_t>(sent);
        else
            outcomes_[at++] = errno;
        // Whoever takes no more now takes no more in this burst, and who is not there is not.
        if (sent <= 0 && outcomes_[at - 1] != EMSGSIZE)
            for (const int problem = outcomes_[at - 1]; at < count; ++at) outcomes_[at] = problem;
    }
    return outcomes_;
}

}  // namespace hairpin::l2
