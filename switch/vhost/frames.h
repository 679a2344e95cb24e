#pragma once
// Frames in a guest's buffers. Before each stands the header of switch/virtio_header.h, and driver and device may cut header and frame
// into pieces wherever they like (virtio 1.2 §2.7.4), so what is read and written is a run of bytes, and pieces are nobody's business.
//
// A frame is copied into a packet of ours before anybody looks at it: the guest may still write what it has sent.

#include <array>
#include <cstddef>
#include <span>
#include <tl/expected.hpp>
#include <vector>

#include "net/drop_reason.h"
#include "net/packet_pool.h"
#include "switch/vhost/virtqueue.h"
#include "switch/virtio_header.h"

namespace hairpin::l2::vhost {

using ConstPiece = std::span<const std::byte>;

// Copies from where the pieces begin, `offset` bytes on, until `into` is full; there must be so much.
void gather(std::span<const GuestMemory::Piece> pieces, std::size_t offset, std::span<std::byte> into);

// The frame that a guest sends in this chain, with its offloads. Fails with runt, oversize, no_buffer or malformed_offload; `frame` is then
// as much of it as there is in hand, and may be nothing.
struct Refused {
    DropReason reason;
    std::size_t length;  // of the frame
    PacketPtr packet;    // what there is of it, or none
};
tl::expected<PacketPtr, Refused> read_frame(const Chain& chain, std::size_t header_size, PacketPool& pool);

// Writes frames into a guest's buffers: one each, or as many as it takes where they are mergeable (§5.1.6.4).
class FrameWriter {
public:
    enum class Outcome : std::uint8_t {
        written,
        no_room,  // the guest has not enough buffers there, or smaller ones than the frame needs; they stay where they are
        breach,   // of the queue's rules, by the guest
    };
    // More descriptors than this no frame is spread over, so that a guest with tiny buffers costs little.
    static constexpr std::size_t kMostDescriptors = 1024;

    // `frame` in parts, one behind the other. What is written is completed, and published by the caller.
    Outcome write(Virtqueue& queue, VirtioHeader header, std::size_t header_size, std::span<const ConstPiece> frame,
                  bool mergeable);

private:
    Outcome find_room(Virtqueue& queue, std::size_t bytes, bool mergeable);

    std::vector<Chain> chains_;  // kept for their memory; the first taken_ are those at hand
    std::size_t taken_ = 0;
};

}  // namespace hairpin::l2::vhost
