#pragma once
// A packet in pieces, as its sender's IP would cut it; SeenPacket's reassembled() is the way back.

#include <algorithm>
#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {

// Fragments of `size` bytes of payload, a multiple of 8, in order.
inline std::vector<PacketBuilder> cut(const PacketBuilder& packet, std::size_t size, unsigned id = 7) {
    const SeenPacket whole = SeenPacket::of_l3(packet.l3_bytes());
    std::vector<PacketBuilder> fragments;
    for (std::size_t at = 0; at < whole.l4.size(); at += size) {
        const auto piece = std::span{whole.l4}.subspan(at, std::min(size, whole.l4.size() - at));
        PacketBuilder fragment = ip(static_cast<unsigned>(whole.protocol)).from(whole.source).to(whole.destination).ip_id(id);
        fragments.push_back(fragment.fragment(at, at + piece.size() < whole.l4.size()).payload(piece));
    }
    return fragments;
}

}  // namespace hairpin::testing
