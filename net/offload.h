#pragma once
// What software does when nobody downstream completes the checksum that a packet's metadata promises.

#include "net/packet.h"

namespace hairpin {

// Sums over [checksum_start, end) what a partial checksum has left open and marks the packet verified. The caller has checked
// that both offsets lie within the frame, and that the packet is no super-packet, whose pieces have a checksum each.
void complete_checksum(Packet& packet);

}  // namespace hairpin
