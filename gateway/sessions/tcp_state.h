#pragma once
// Where a TCP connection stands, as the valid segments in both directions have shown it (RFC 7857 §2, after RFC 6146 §3.5.2). Which
// are valid says tcp_window.h.
//
//   SYN ──► opening ──both SYNs, then an ACK──► established ──a FIN──► closing ──both FINs acknowledged──► closed
//              └──────────────── a RST in any of them ──► reset;  if it was up, a segment in `reset` ──► established again

#include "gateway/sessions/tcp_window.h"

namespace hairpin::gateway {

// May this segment begin a session? Only a SYN that is nothing else: what comes in the middle of a connection that we do not know
// is nobody's (NAT-AND-FIREWALL 4), unless tracking is loose: then whatever an endpoint would take for a part of a connection.
inline bool opens_connection(const TcpHeader& header, TcpTracking tracking = TcpTracking::strict) {
    const unsigned flags = header.flags & (TcpHeader::kSyn | TcpHeader::kAck | TcpHeader::kRst | TcpHeader::kFin);
    return flags == TcpHeader::kSyn || (tracking == TcpTracking::loose && flags == TcpHeader::kAck);
}

// Takes note of a valid segment that has been learned, and returns the state after it.
SessionState advance(TcpTrack& track, SessionState state, Direction direction, const TcpHeader& header);

}  // namespace hairpin::gateway
