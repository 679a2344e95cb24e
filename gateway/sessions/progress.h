#pragma once
// Which state a session begins with, and what its packets make of it, for every protocol but TCP, which has windows to follow
// (tcp_state.h). Here a state decides how long a session lives in silence and nothing else, so nobody gains by forging one.
//
//   udp, udplite   udp ──an answer──► udp_stream
//   gre            gre ──an answer──► gre_stream
//   sctp           opening ──COOKIE ACK──► established ──SHUTDOWN, ABORT──► closing ──INIT──► opening
//   dccp           opening ──both have sent, and data or an ack──► established ──Close, Reset──► closing ──Request──► opening
//
// Of SCTP only a packet with the verification tag that its receiver has given out moves the state (RFC 9260 §8.5); another is forwarded,
// for the endpoint to judge. When an association is restarted (§5.2) while it stands, its new tags are not taken up: it stays
// established, and ends when its time is up.

#include "gateway/sessions/session.h"
#include "gateway/sessions/tcp_tracking.h"
#include "gateway/sessions/tcp_window.h"
#include "net/frame_view.h"

namespace hairpin::gateway {

SessionState first_state(IpProtocol protocol);

// May this packet, which has its L4 header, begin a session? Of protocols with connections only what opens one, unless tracking is loose.
bool begins_session(const FrameView& packet, TcpTracking tracking);
// The same of a packet whose header may not be there.
inline bool may_begin(const FrameView& packet, TcpTracking tracking) {
    return packet.has_l4() && begins_session(packet, tracking);
}

// Takes note of a packet of a session that is not TCP's, and moves its state.
void take_note(Session& session, Direction direction, const FrameView& packet);

}  // namespace hairpin::gateway
