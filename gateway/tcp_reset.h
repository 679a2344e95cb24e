#pragma once
// The RST with which the gateway refuses a TCP segment in the name of the address that it was for (RFC 9293 §3.10.7.1):
//
//   to a segment with ACK     sequence = its acknowledgment                         RST
//   to any other              acknowledgment = behind its last sequence number      RST ACK
//
// Whoever sends it sets its Ethernet addresses and counts it as originated.

#include "net/frame_view.h"
#include "net/packet_pool.h"

namespace hairpin::gateway {

// Whether there is one: to a whole IPv4 TCP segment that is no RST itself, from and to single hosts.
bool may_be_reset(const FrameView& refused);

// Of such a segment: an IPv4 packet with unset Ethernet addresses. nullptr for any other, and when the pool is empty.
PacketPtr make_tcp_reset(PacketPool& pool, const FrameView& refused);

}  // namespace hairpin::gateway
