#pragma once
// The header that a TAP device with IFF_VNET_HDR puts before every frame (virtio 1.2 §5.1.6, size 12): how much of a frame's
// checksum and segmentation the sender has left to others.
//
//   flags │ segmentation │ header length │ segment size │ checksum start │ checksum offset │ buffers
//     1          1               2              2               2                2              2     bytes, little-endian
//
// From a guest it is hostile input: whatever does not fit the frame is refused, and the header length is found in the headers.

#include <cstdint>

#include "net/packet.h"

namespace hairpin::l2 {

struct VirtioHeader {
    static constexpr std::uint8_t kNeedsChecksum = 1;
    static constexpr std::uint8_t kDataValid = 2;

    static constexpr std::uint8_t kNoSegmentation = 0;
    static constexpr std::uint8_t kTcp4 = 1;
    static constexpr std::uint8_t kTcp6 = 4;
    static constexpr std::uint8_t kUdp = 5;     // datagrams of one size (USO), Linux 6.2
    static constexpr std::uint8_t kEcn = 0x80;  // with TCP: CWR is set on the first segment alone

    std::uint8_t flags = 0;
    std::uint8_t segmentation = 0;
    std::uint16_t header_length = 0;
    std::uint16_t segment_size = 0;
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;
    std::uint16_t buffers = 0;

    // What a device must be told about this packet.
    static VirtioHeader describe(const Packet& packet);
    // Takes over into the packet what the header says of it. False when that does not fit the frame.
    bool apply_to(Packet& packet) const;
};
static_assert(sizeof(VirtioHeader) == 12);

}  // namespace hairpin::l2
