#pragma once
// What a device that takes no super-packets would have to be given instead.
//
//   Ethernet IP TCP │ 64000 bytes │      ->   Ethernet IP TCP │ 1448 │   Ethernet IP TCP │ 1448 │  ...  Ethernet IP TCP │ rest │
//
// Pieces carry complete checksums and no offload metadata.

#include <cstddef>
#include <tl/expected.hpp>

#include "net/drop_reason.h"
#include "net/packet_pool.h"

namespace hairpin::l2 {

// More pieces than this a super-packet may not have: a guest that announces one-byte segments would otherwise buy 65000 frames
// with one. Linux cuts to no less than 48 bytes of TCP payload, and to at most 128 datagrams.
inline constexpr std::size_t kMostSegments = 1400;

// Appends the pieces of a super-packet and answers how many. Fails, with nothing appended, with no_buffer, and with
// malformed_offload when the frame is not what its metadata says.
tl::expected<std::size_t, DropReason> cut_into_segments(Packet& super_packet, PacketPool& pool, Batch& pieces);

}  // namespace hairpin::l2
