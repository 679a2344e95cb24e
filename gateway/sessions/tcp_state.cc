#include "gateway/sessions/tcp_state.h"

namespace hairpin::gateway {

SessionState advance(TcpTrack& track, SessionState state, Direction direction, const TcpHeader& header) {
    const auto mine = static_cast<std::uint8_t>(1U << index_of(direction));
    const auto theirs = static_cast<std::uint8_t>(1U << index_of(opposite(direction)));

    // RFC 7857 §2.2: a RST does not end the mapping; it waits four minutes for what may still come.
    if (header.has(TcpHeader::kRst)) return SessionState::reset;
    if (header.has(TcpHeader::kSyn)) track.syn = static_cast<std::uint8_t>((track.syn | mine) & 3);
    if (header.has(TcpHeader::kFin) && TcpTrack::both(track.syn)) track.fin = static_cast<std::uint8_t>((track.fin | mine) & 3);
    // A FIN is the last that its side sends: whoever acknowledges all that it has sent acknowledges it.
    const bool all = header.acknowledgment.value() == track.end[index_of(opposite(direction))];
    if (header.has(TcpHeader::kAck) && all && (track.fin & theirs) != 0)
        track.fin_acknowledged = static_cast<std::uint8_t>((track.fin_acknowledged | theirs) & 3);

    switch (state) {
        case SessionState::opening:
            if (track.fin != 0) return SessionState::closing;
            // The SYN-ACK itself shows only that the answer is on its way; the next segment without a SYN that it arrived.
            if (TcpTrack::both(track.syn) && header.has(TcpHeader::kAck) && !header.has(TcpHeader::kSyn)) {
                track.was_up = 1;
                return SessionState::established;
            }
            return state;
        case SessionState::established: return track.fin != 0 ? SessionState::closing : state;
        case SessionState::closing: return TcpTrack::both(track.fin_acknowledged) ? SessionState::closed : state;
        // What has never been up is not revived by what one side alone sends.
        case SessionState::reset: return track.was_up != 0 ? SessionState::established : state;
        default: return state;
    }
}

}  // namespace hairpin::gateway
