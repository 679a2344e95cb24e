#pragma once
// Which segments of a TCP connection can have been sent by its endpoints: the windows, as a router between them knows them.
//
//          end - two windows of the other side          acked by it + its window
//   ───────────────┼──────────────────────┼───────────────────────┼─────────────►  sequence numbers of one side
//     outside      │   sent, perhaps again │      may be sent      │    outside
//                                        end
//
// What is sent again may be a window old when it is sent, and another when others overtake it on the way. An acknowledgment is of what the
// other side has sent, and as old at most. The bounds are a little wider than an endpoint's own
// (RFC 9293 §3.10.7.4), never narrower: the largest window that was announced counts, not the last one. What we cannot judge, because we
// have not heard the other side yet, changes nothing (RFC 5961 §3.2, §4.2): the endpoint that gets it judges better.
//
// Fragments are not judged: only the first of a segment has its numbers, and not its length. Of a side that has sent some, anything may
// have been sent that the other one's window allows.

#include <cstdint>
#include <span>

#include "gateway/sessions/direction.h"
#include "gateway/sessions/tcp_track.h"
#include "gateway/sessions/tcp_tracking.h"
#include "gateway/sessions/timeouts.h"
#include "net/tcp.h"

namespace hairpin::gateway {

struct TcpSegment {
    Direction direction;
    const TcpHeader& header;
    std::span<const std::byte> options;
    std::uint32_t length;  // of the payload

    // How many sequence numbers it takes: SYN and FIN take one each.
    std::uint32_t space() const {
        return length + (header.has(TcpHeader::kSyn) ? 1U : 0U) + (header.has(TcpHeader::kFin) ? 1U : 0U);
    }
};

enum class SegmentStanding : std::uint8_t {
    valid,     // the connection's state follows it
    harmless,  // forwarded, but nothing follows from it: a RST that is not exact, a SYN in the middle, what cannot be judged yet
    outside,   // no endpoint has sent it, or would take it
};

// `state`: of the session before the segment. Of a session that it begins, the track is empty.
SegmentStanding standing_of(const TcpTrack& track, SessionState state, const TcpSegment& segment, TcpTracking tracking);

// Takes note of a valid segment: of its numbers and windows.
void learn(TcpTrack& track, const TcpSegment& segment);
// ... of a fragment of one.
void learn_of_fragment(TcpTrack& track, Direction direction);

// Whether a packet with this sequence number, from that side, may still be on its way: of it an ICMP error may speak (RFC 5927 §4.1).
bool in_flight(const TcpTrack& track, Direction direction, std::uint32_t sequence);

}  // namespace hairpin::gateway
