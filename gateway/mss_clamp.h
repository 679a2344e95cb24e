#pragma once
// The maximum segment size that a SYN announces, made small enough for the links on the way (RFC 9293 §3.7.1, RFC 6691): where a path's
// MTU is small and its ICMP errors are lost, connections work all the same.

#include <cstdint>
#include <optional>

#include "gateway/ruleset.h"
#include "net/frame_view.h"

namespace hairpin::gateway {

// What a SYN that enters by one interface and leaves by the other may announce; nothing where neither says a limit.
std::optional<std::uint16_t> largest_mss(const Interface& inbound, const Interface& outbound);

// Lowers what a whole SYN announces to `limit`, and its checksum with it; never raises it. A SYN that announces nothing is left alone: its
// sender's peer assumes 536. False when nothing has changed.
bool clamp_mss(FrameView& frame, std::uint16_t limit);

}  // namespace hairpin::gateway
