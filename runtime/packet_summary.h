#pragma once
// A packet in one line, for people who look at many:
//
//   tcp 192.168.255.2:40000 > 203.0.113.80:80 S
//   udp 192.168.255.2:5000 > 198.51.100.10:53 length 40
//   icmp 203.0.113.80 > 192.168.255.2 host unreachable (tcp 192.168.255.2:40000 > 198.51.100.10:80)
//   vlan 10 arp who-has 192.168.255.10 tell 192.168.255.1
//
// TCP's flags are written as tcpdump does: F S R P U E W and a dot for ACK. What was sent to confuse is described and not believed, and
// what was cut off is said to be: a frame's first bytes alone make a line, too.

#include <cstddef>
#include <span>
#include <string>

namespace hairpin::runtime {

// `bytes`: the frame, or as much of it as there is; `length`: of the whole.
std::string packet_summary(std::span<const std::byte> bytes, std::size_t length);
inline std::string packet_summary(std::span<const std::byte> frame) { return packet_summary(frame, frame.size()); }

}  // namespace hairpin::runtime
