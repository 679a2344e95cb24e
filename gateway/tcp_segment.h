#pragma once
// TCP segments that the gateway makes: in the name of an address that it stands for, or of itself.

#include <cstddef>
#include <span>

#include "net/frame_view.h"
#include "net/ipv4_address.h"
#include "net/packet_pool.h"
#include "net/tcp.h"

namespace hairpin::gateway {

// An IPv4 packet with unset Ethernet addresses; of the header everything but its length and checksum counts. `options` are a multiple of 4
// bytes. Whoever sends it counts it as originated. nullptr when the pool is empty.
PacketPtr make_tcp_segment(PacketPool& pool, Ipv4Address source, Ipv4Address destination, TcpHeader header,
                           std::span<const std::byte> options = {});

}  // namespace hairpin::gateway
