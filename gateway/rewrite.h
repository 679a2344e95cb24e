#pragma once
// Giving a packet another source and destination: addresses, ports or ICMP identifier, and one addition for each checksum that
// covers them (RFC 1624), whatever the size of the packet. Of a protocol whose identifiers stay (net/flow_identifiers.h) only the
// addresses change, and no checksum but the IPv4 header's.

#include "gateway/sessions/session.h"
#include "net/frame_view.h"

namespace hairpin::gateway {

struct RewriteDeltas {
    ChecksumDelta address;  // of the IPv4 header, and of a partial L4 checksum
    ChecksumDelta l4;       // of a complete L4 checksum
};

// What turns packets with key `from` into packets with key `to`.
RewriteDeltas deltas_between(const Ipv4FlowKey& from, const Ipv4FlowKey& to);

// Makes the packet carry `to`. A fragment that is not the first has no L4 header, and only its addresses change: the checksum in
// the first fragment covers the whole datagram.
void rewrite(FrameView& frame, const Ipv4FlowKey& to, const RewriteDeltas& deltas);

// The same as the session remembers it for packets of this direction; nothing where it translates nothing.
void rewrite(FrameView& frame, const Session& session, Direction direction);

// One hop more: the time to live, which is not 0, goes down by one, and the checksum with it.
void decrement_time_to_live(Ipv4Header& ip);

// An ICMP message that has become all zeros (an echo reply of identifier 0) has the checksum 0xffff. RFC 1624 equation 3 yields 0
// there, because it takes for granted that what is summed up is never all zero.
void mend_zero_checksum(FrameView& frame);

}  // namespace hairpin::gateway
