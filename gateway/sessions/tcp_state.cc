#include "gateway/sessions/tcp_state.h"

namespace hairpin::gateway {

SessionState advance(TcpProgress& progress, SessionState state, Direction direction, const TcpHeader& header) {
    const auto mine = static_cast<std::uint8_t>(1U << index_of(direction));
    const auto theirs = static_cast<std::uint8_t>(1U << index_of(opposite(direction)));

    // RFC 7857 §2.2: a RST does not end the mapping; it waits four minutes for what may still come.
    if (header.has(TcpHeader::kRst)) return SessionState::reset;
    if (header.has(TcpHeader::kSyn)) progress.syn = static_cast<std::uint8_t>((progress.syn | mine) & 3);
    if (header.has(TcpHeader::kFin)) progress.fin = static_cast<std::uint8_t>((progress.fin | mine) & 3);
    // Whoever acknowledges after the other's FIN is taken to have acknowledged it.
    if (header.has(TcpHeader::kAck) && (progress.fin & theirs) != 0)
        progress.fin_acknowledged = static_cast<std::uint8_t>((progress.fin_acknowledged | theirs) & 3);

    switch (state) {
        case SessionState::opening:
            if (progress.fin != 0) return SessionState::closing;
            // The SYN-ACK itself shows only that the answer is on its way; the next segment without a SYN that it arrived.
            if (progress.both(progress.syn) && header.has(TcpHeader::kAck) && !header.has(TcpHeader::kSyn))
                return SessionState::established;
            return state;
        case SessionState::established: return progress.fin != 0 ? SessionState::closing : state;
        case SessionState::closing: return progress.both(progress.fin_acknowledged) ? SessionState::closed : state;
        case SessionState::reset: return SessionState::established;
        default: return state;
    }
}

}  // namespace hairpin::gateway
