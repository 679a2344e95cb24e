#pragma once
// Changing a TCP segment, or a whole UDP datagram, in its midst. Its checksum changes with it and is never made anew: what was broken on the
// way stays broken. Of a partial one, which covers addresses and length alone, only the length counts; one that UDP does without (RFC 768) does not come.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "net/frame_view.h"

namespace hairpin::gateway {

void set_sequence(FrameView& segment, std::uint32_t sequence);
void set_window(FrameView& segment, std::uint16_t window);

// The acknowledgment, and both edges of each block of a SACK option (RFC 2018 §3), as these functions say.
struct NumberChange {
    std::function<std::uint32_t(std::uint32_t)> begins, ends;  // an acknowledgment and a right edge; a left edge
};
void change_acknowledgments(FrameView& segment, const NumberChange& change);

// The segment or datagram carries this instead; what it carried before, its IP header and padding follow. The buffer has room for it, and `segment` looks at it
// from now on.
void replace_payload(FrameView& segment, std::span<const std::byte> payload);

}  // namespace hairpin::gateway
