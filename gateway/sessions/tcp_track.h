#pragma once
// What a session remembers of its TCP connection, for the state (tcp_state.h) and for the windows (tcp_window.h). Arrays have a place for
// each direction, and bits one bit: 1 the original's, 2 the reply's.

#include <cstdint>
#include <type_traits>

namespace hairpin::gateway {

struct TcpTrack {
    std::uint32_t end[2];     // behind the highest sequence number that the side has sent: its SND.NXT, as far as we have seen
    std::uint32_t acked[2];   // the highest acknowledgment that it has sent: its RCV.NXT
    std::uint16_t window[2];  // the largest that it has announced, in units of its scale
    std::uint8_t scale[2];    // the shift that its SYN offered (RFC 7323 §2), or kNoScale
    std::uint8_t syn : 2, fin : 2, fin_acknowledged : 2;
    std::uint8_t was_up : 1;      // it has been established
    std::uint8_t fragmented : 2;  // the side has sent fragments: its end may be further than we have seen

    static constexpr std::uint8_t kNoScale = 0xff;
    static constexpr bool both(unsigned bits) { return bits == 3; }
};
static_assert(std::is_trivially_copyable_v<TcpTrack>);

}  // namespace hairpin::gateway
