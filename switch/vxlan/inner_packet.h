#pragma once
// What is to be known of the packet inside a tunnel: what the sender's kernel has left undone, and which flow it belongs to.

#include <cstdint>

#include "net/hash.h"
#include "net/packet.h"
#include "switch/vxlan/datagram.h"

namespace hairpin::l2 {

// Writes down, as offload metadata, what remains to be done to a packet that came out of a tunnel. A socket is not told what a kernel
// tells another, so it is read off the packet:
//
// - its L4 checksum is the sum of the pseudo-header alone: it is partial. Where it was complete and happens to be that, completing it
//   makes the same of it.
// - then, if it is longer than `mtu` allows: a super-packet, in segments as they were told or else as the MTU has them.
//
// Of a datagram that came with others the checksum is looked at: those that hold may be joined again on their way to a host.
void describe_inner(Packet& packet, const VxlanDatagrams::Datagram& datagram, unsigned mtu);

// The same for every packet of a flow: TCP and UDP by addresses and ports, everything else, fragments too, by its Ethernet addresses
// and type. Spread evenly.
std::uint32_t inner_flow(Packet& packet, const HashKey& key);

}  // namespace hairpin::l2
