#include "gateway/sessions/tcp_window.h"

#include <algorithm>
#include <optional>

#include "net/tcp_options.h"

namespace hairpin::gateway {

namespace {

// Sequence numbers go round (RFC 9293 §3.4): half of them are behind, half ahead.
bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }
std::uint32_t later(std::uint32_t a, std::uint32_t b) { return before(a, b) ? b : a; }

constexpr std::uint8_t kLargestScale = 14;     // RFC 7323 §2.3
constexpr std::uint32_t kLeastWindow = 66000;  // of acknowledgments: how old they are does no harm

// The shift that a SYN's options offer.
std::optional<std::uint8_t> offered_scale(std::span<const std::byte> options) {
    const auto shift = tcp_option(options, kTcpWindowScale);
    if (shift.size() != 1) return std::nullopt;
    return static_cast<std::uint8_t>(std::min<unsigned>(std::to_integer<unsigned>(shift[0]), kLargestScale));
}

// A connection as one of its segments sees it.
class View {
public:
    View(const TcpTrack& track, Direction direction)
        : track_(track), me_(index_of(direction)), peer_(index_of(opposite(direction))) {}

    bool heard_me() const { return (track_.syn & 1U << me_) != 0; }
    bool heard_peer() const { return (track_.syn & 1U << peer_) != 0; }
    std::uint32_t my_end() const { return track_.end[me_]; }
    std::uint32_t peer_end() const { return track_.end[peer_]; }
    // As far as they may have come, of which we need not have seen all.
    std::uint32_t my_end_at_most() const { return end_at_most(me_, peer_); }
    std::uint32_t peer_end_at_most() const { return end_at_most(peer_, me_); }
    std::uint32_t acked_by_peer() const { return track_.acked[peer_]; }
    std::uint32_t my_window() const { return window(me_); }
    // Of the other side, what it allows: at least one byte, because a closed window is probed with one.
    std::uint32_t peer_window() const { return std::max(window(peer_), 1U); }

    bool may_send(std::uint32_t sequence, std::uint32_t end) const {
        return !before(acked_by_peer() + peer_window(), end) && !before(sequence, my_end() - 2 * peer_window() - 1);
    }
    bool may_acknowledge(std::uint32_t number) const {
        return !before(peer_end_at_most(), number) && !before(number, peer_end() - 2 * std::max(my_window(), kLeastWindow));
    }

private:
    std::uint32_t end_at_most(std::size_t side, std::size_t other) const {
        const std::uint32_t end = track_.end[side];
        if ((track_.fragmented & 1U << side) == 0) return end;
        return later(end, track_.acked[other] + std::max(window(other), 1U));
    }
    // Windows are scaled when both sides have offered to (RFC 7323 §1.3).
    std::uint32_t window(std::size_t side) const {
        const bool scaled = track_.scale[0] != TcpTrack::kNoScale && track_.scale[1] != TcpTrack::kNoScale;
        return std::uint32_t{track_.window[side]} << (scaled ? track_.scale[side] : 0U);
    }

    const TcpTrack& track_;
    std::size_t me_, peer_;
};

// RFC 5961 §3.2: a RST counts when it is exactly what the other side waits for. Whoever aborts sends it behind all that it has sent;
// whoever answers a segment, with that segment's acknowledgment. RFC 9293 §3.10.7.3: one that refuses a SYN acknowledges it.
SegmentStanding standing_of_reset(const View& view, const TcpHeader& header) {
    if (!view.heard_peer()) return SegmentStanding::harmless;
    if (!view.heard_me()) {
        const bool refuses = header.has(TcpHeader::kAck) && header.acknowledgment.value() == view.peer_end();
        return refuses ? SegmentStanding::valid : SegmentStanding::harmless;
    }
    const std::uint32_t sequence = header.sequence.value();
    if (sequence == view.my_end() || sequence == view.acked_by_peer()) return SegmentStanding::valid;
    return view.may_send(sequence, sequence) ? SegmentStanding::harmless : SegmentStanding::outside;
}

SegmentStanding standing_of_syn(const View& view, SessionState state, const TcpSegment& segment) {
    const TcpHeader& header = segment.header;
    if (state != SessionState::opening) return SegmentStanding::harmless;  // RFC 5961 §4.2
    if (!view.heard_peer()) return SegmentStanding::valid;                 // the first, or one that tries again
    if (header.has(TcpHeader::kAck) && header.acknowledgment.value() != view.peer_end()) return SegmentStanding::harmless;
    const bool again = header.sequence.value() + segment.space() == view.my_end();
    return !view.heard_me() || again ? SegmentStanding::valid : SegmentStanding::harmless;
}

}  // namespace

SegmentStanding standing_of(const TcpTrack& track, SessionState state, const TcpSegment& segment, TcpTracking tracking) {
    const View view{track, segment.direction};
    const TcpHeader& header = segment.header;
    if (header.has(TcpHeader::kRst)) return standing_of_reset(view, header);
    if (header.has(TcpHeader::kSyn)) return standing_of_syn(view, state, segment);
    if (!header.has(TcpHeader::kAck)) return SegmentStanding::outside;  // RFC 9293 §3.10.7.4: nobody takes it
    if (!view.heard_me()) return tracking == TcpTracking::loose ? SegmentStanding::valid : SegmentStanding::harmless;
    if (!view.heard_peer()) return SegmentStanding::harmless;
    const std::uint32_t sequence = header.sequence.value();
    // A FIN is the last that a side sends: one that stands before other data is none.
    if (header.has(TcpHeader::kFin) && before(sequence + segment.space(), view.my_end())) return SegmentStanding::harmless;
    const bool fits = view.may_send(sequence, sequence + segment.space()) && view.may_acknowledge(header.acknowledgment.value());
    return fits ? SegmentStanding::valid : SegmentStanding::outside;
}

void learn(TcpTrack& track, const TcpSegment& segment) {
    const TcpHeader& header = segment.header;
    if (header.has(TcpHeader::kRst)) return;
    const std::size_t me = index_of(segment.direction), peer = index_of(opposite(segment.direction));
    const auto my_bit = static_cast<std::uint8_t>(1U << me), peer_bit = static_cast<std::uint8_t>(1U << peer);
    const bool syn = header.has(TcpHeader::kSyn), heard_peer = (track.syn & peer_bit) != 0;
    const bool first = (track.syn & my_bit) == 0 || (syn && !heard_peer);
    const std::uint32_t sequence = header.sequence.value(), end = sequence + segment.space();

    std::uint32_t window = header.window.value();
    if (syn) {
        // Its own window is not scaled, so it is kept in units of what the later ones will be; where the other side's SYN then shows that
        // none will, it is shifted back.
        const auto scale = offered_scale(segment.options);
        const bool peer_scales = !heard_peer || track.scale[peer] != TcpTrack::kNoScale;
        track.scale[me] = scale.value_or(TcpTrack::kNoScale);
        if (scale && peer_scales) window = (window + (1U << *scale) - 1) >> *scale;
        if (!scale && heard_peer && peer_scales)
            track.window[peer] =
                static_cast<std::uint16_t>(std::min(std::uint32_t{track.window[peer]} << track.scale[peer], 0xffffU));
    } else if (first) {
        track.scale[me] = kLargestScale;  // taken up in the middle: it may be anything
    }
    if (first) {
        track.end[me] = end;
        track.window[me] = static_cast<std::uint16_t>(window);
        // Whom nobody has acknowledged yet may send a window from its beginning on, and the same the other way round.
        track.acked[me] = header.has(TcpHeader::kAck) ? header.acknowledgment.value() : track.end[peer];
        if (heard_peer && syn) track.acked[peer] = sequence;
    } else {
        track.end[me] = later(track.end[me], end);
        track.window[me] = std::max(track.window[me], static_cast<std::uint16_t>(window));
        if (header.has(TcpHeader::kAck)) track.acked[me] = later(track.acked[me], header.acknowledgment.value());
        // What is acknowledged has been sent, if in fragments.
        if (heard_peer) track.end[peer] = later(track.end[peer], track.acked[me]);
    }
    track.syn = static_cast<std::uint8_t>((track.syn | my_bit) & 3);
}

void learn_of_fragment(TcpTrack& track, Direction direction) {
    track.fragmented = static_cast<std::uint8_t>((track.fragmented | 1U << index_of(direction)) & 3);
}

bool in_flight(const TcpTrack& track, Direction direction, std::uint32_t sequence) {
    const View view{track, direction};
    if (!view.heard_me()) return true;  // all that it sent were fragments: who knows
    if (!view.heard_peer())             // a SYN that nobody has answered
        return before(sequence, view.my_end()) && !before(sequence, view.my_end() - kLeastWindow);
    return !before(sequence, view.acked_by_peer()) && before(sequence, view.my_end_at_most());
}

}  // namespace hairpin::gateway
