#pragma once
// Cutting a packet to what the next link takes (RFC 791 §3.2, RFC 1812 5.2.6).
//
//   IPv4 id 7 [options] │ 3000 bytes     ->    id 7 @0 MF [options] │ 1480    id 7 @1480 MF [copied ones] │ 1480    id 7 @2960 │ 40
//
// Each fragment but the last carries a multiple of 8 bytes and as many as fit. Of the options only those with the copied bit go into
// all; the rest is in the first. A fragment can be cut again: its pieces count their offsets from the datagram's start.

#include <cstddef>
#include <tl/expected.hpp>

#include "net/frame_view.h"
#include "net/packet_pool.h"

namespace hairpin::gateway {

// Whether the packet fits a link whose MTU is `mtu` bytes of IP packet. A super-packet does when each of its segments will.
bool fits(const FrameView& frame, unsigned mtu);

// Appends the fragments in order and answers how many; the packet itself is the caller's to throw away, and its checksum is
// complete afterwards. Their Ethernet addresses, port and mark are the packet's; they have no offload metadata. Made for packets
// that do not fit and may be cut: not don't-fragment, no super-packet (whose segments each would be cut, not itself: too_big).
// Fails, with nothing appended, with no_buffer, and with too_big when the MTU does not hold the headers and 8 bytes.
tl::expected<std::size_t, DropReason> cut_into_fragments(FrameView& frame, unsigned mtu, PacketPool& pool, Batch& fragments);

}  // namespace hairpin::gateway
