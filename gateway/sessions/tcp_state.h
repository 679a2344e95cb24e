#pragma once
// Where a TCP connection stands, as the packets in both directions have shown it (RFC 7857 §2, after RFC 6146 §3.5.2).
//
//   SYN ──► opening ──both SYNs, then an ACK──► established ──a FIN──► closing ──both FINs acknowledged──► closed
//              └──────────────── a RST in any of them ──► reset;  data in `reset` ──► established again

#include "gateway/sessions/session.h"
#include "net/tcp.h"

namespace hairpin::gateway {

// May this segment begin a session? Only a SYN that is nothing else: what comes in the middle of a connection that we do not know
// is nobody's (NAT-AND-FIREWALL 4, strict).
inline bool opens_connection(const TcpHeader& header) {
    return (header.flags & (TcpHeader::kSyn | TcpHeader::kAck | TcpHeader::kRst | TcpHeader::kFin)) == TcpHeader::kSyn;
}

// Takes note of a segment and returns the state after it.
SessionState advance(TcpProgress& progress, SessionState state, Direction direction, const TcpHeader& header);

}  // namespace hairpin::gateway
