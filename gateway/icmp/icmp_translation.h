#pragma once
// An ICMP error about a packet that was translated quotes it as the error's sender saw it. Before the packet's own sender can make
// sense of it, the quote must say again what was sent (RFC 5508 §4, RFC 3022 §4.3).
//
//   from   IPv4 198.51.100.1 -> 203.0.113.80  │ ICMP 3/1 │ IPv4 203.0.113.80 -> 198.51.100.10 │ TCP 1024 -> 80 ...
//   to     IPv4 198.51.100.1 -> 192.168.255.2 │ ICMP 3/1 │ IPv4 192.168.255.2 -> 198.51.100.10 │ TCP 40000 -> 80 ...
//
// Four checksums follow: the outer IPv4 header's, the ICMP message's, the quoted IPv4 header's, and the quoted L4 one where the
// quote reaches that far; a UDP checksum of zero stays zero. The quoted L4 checksum is never checked (REQ-3c): most of what it
// covers is not in the quote. Type, code, and the extensions of RFC 4884 behind the quote stay as they are (REQ-3d).

#include <optional>

#include "net/frame_view.h"

namespace hairpin::gateway {

// Gives the quoted packet the key `as_sent` (for an ICMP query both ports are its identifier), and the error itself `source`, and
// as destination as_sent.source (REQ-4, 7a). `error` must be an ICMP error.
//
// Answers why the error must be dropped instead, with nothing changed: l4_checksum when the ICMP checksum or the quoted IPv4
// header's does not hold, or cannot be known because the error came in fragments (REQ-3, 3a); header_malformed when the quote is
// no IPv4 header with 8 bytes behind it.
std::optional<DropReason> translate_icmp_error(FrameView& error, const Ipv4FlowKey& as_sent, Ipv4Address source);

}  // namespace hairpin::gateway
