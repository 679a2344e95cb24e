#pragma once
// Cutting and joining the plain way: the segments that a device would make of a super-packet, and datagrams from and to fragments.

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "switch/virtio_header.h"
#include "tests/properties/plain_packet.h"

namespace hairpin::testing::plain {

// What a device makes of one packet that it is given with this header: a super-packet becomes its segments, whose checksums it makes of the
// partial one, as it would (the pseudo-header's length is each piece's own); a partial one is completed. All from the IP header on.
std::vector<Bytes> finished_by_device(View l3, std::size_t l3_offset, const l2::VirtioHeader& header);

// Pieces of a datagram that end at these bytes of its L4 part (multiples of 8, in order; the rest is the last), each with its own header.
std::vector<Bytes> cut_at(View l3, const std::vector<std::size_t>& ends);

// Joins fragments as their receiver would.
class Joiner {
public:
    // The whole datagram, from the IP header on, once this was the last that was missing.
    std::optional<Bytes> add(std::size_t receiver, View l3);
    std::size_t unfinished() const { return parts_.size(); }
    void forget() { parts_.clear(); }

private:
    using Key = std::tuple<std::size_t, std::uint32_t, std::uint32_t, unsigned, unsigned>;
    std::map<Key, std::map<std::size_t, Bytes>> parts_;
};

}  // namespace hairpin::testing::plain
