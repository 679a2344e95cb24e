#pragma once
// The opposite of cutting: packets that stand one behind the other in a burst and belong together travel to the device as one
// super-packet, for the price of one system call.
//
//   Eth IP UDP │ a │   Eth IP UDP │ b │   Eth IP UDP │ c │      ->   Eth IP UDP │ a │ b │ c │    segment size: |a|
//
// TCP: contiguous segments with equal headers (what RFC 9293 lets differ from segment to segment apart). UDP: datagrams of one
// size between two sockets. The last may be shorter. Whoever receives it cuts it into exactly the packets that there were, except
// for the IPv4 identification of packets that must not be fragmented, which means nothing (RFC 6864 §4.1).
//
// Only packets whose checksum somebody vouches for are joined: the joint checksum would make a broken one good.

#include <cstddef>
#include <span>

#include "switch/port.h"

namespace hairpin::l2 {

// Linux takes no more datagrams in one (UDP_MAX_SEGMENTS); it also bounds the list of pieces that is written.
inline constexpr std::size_t kLongestRun = 64;

// How many packets from the first on can be joined into one that the device takes; 1 when the first stands alone. `packets` is
// not empty.
std::size_t joinable(std::span<const PacketPtr> packets, const Capabilities& device);

// Makes the first packet's headers and metadata those of the super-packet that consists of its bytes and the payloads of the
// others. Answers where in each packet the payload begins.
std::size_t lead(std::span<const PacketPtr> run);

}  // namespace hairpin::l2
