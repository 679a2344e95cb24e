#pragma once
// An IPv4 packet as somebody reads it who has the RFCs and time: where its parts are, who speaks with whom, and whether its checksums hold.

#include <optional>
#include <string>

#include "tests/properties/plain_bytes.h"

namespace hairpin::testing::plain {

inline constexpr unsigned kIcmp = 1, kTcp = 6, kUdp = 17, kDccp = 33, kGre = 47, kEsp = 50, kSctp = 132, kUdpLite = 136;
inline constexpr unsigned kIpv4Type = 0x0800, kArpType = 0x0806, kVlanType = 0x8100;

// Who speaks with whom. Of an ICMP query both ports are its identifier; of what has no ports they are zero.
struct Ends {
    unsigned protocol = 0;
    std::uint32_t source = 0, destination = 0;
    unsigned source_port = 0, destination_port = 0;

    Ends reversed() const { return {protocol, destination, source, destination_port, source_port}; }
    std::string to_string() const;
    friend bool operator==(const Ends&, const Ends&) = default;
};

struct Frame {
    std::uint64_t to_mac = 0, from_mac = 0;
    std::optional<unsigned> vlan;
    unsigned type = 0;
    std::size_t l3 = 0;  // where it begins
};
std::optional<Frame> read_frame(View bytes);

// What is said of an L4 checksum.
enum class Standing { right, none, wrong, unknown };  // none: UDP without one; unknown: a fragment, or a protocol that has none
std::string to_string(Standing standing);

// A view: the bytes must outlive it.
struct Packet {
    View bytes;  // from the IP header to the end that it says itself, or to where it is cut off
    std::size_t header = 0, total = 0;
    unsigned flags_and_offset = 0, ttl = 0, protocol = 0;
    Ends ends;

    bool fragment() const { return (flags_and_offset & 0x3fff) != 0; }
    bool more() const { return (flags_and_offset & 0x2000) != 0; }
    bool dont_fragment() const { return (flags_and_offset & 0x4000) != 0; }
    std::size_t offset() const { return std::size_t{8} * (flags_and_offset & 0x1fff); }
    bool whole() const { return bytes.size() == total; }
    View l4() const { return bytes.subspan(header); }
    bool icmp_error() const;
    bool icmp_query() const;

    bool header_checksum_holds() const { return Sum{}.add(bytes.first(header)).holds(); }
    // The sum that stands before the L4 checksum's data: addresses, protocol, length.
    Sum pseudo_header(std::size_t l4_length) const;
    // Of a whole packet, its checksum being complete.
    Standing l4_standing() const;
    // Where the L4 checksum stands, from the L4 header; nothing where there is none of ones' complement.
    std::optional<std::size_t> checksum_place() const;
    // Where the payload begins, from the L4 header.
    std::size_t l4_header() const;
};

// As much as there is of one: of an ICMP error's quote perhaps not all. Nothing where not even the IP header stands.
std::optional<Packet> read_packet(View l3);

// Who speaks with whom is written into the bytes of a packet, and no checksum is told.
void write_ends(std::span<std::byte> l3, const Ends& ends);
void write_header_checksum(std::span<std::byte> l3);

}  // namespace hairpin::testing::plain
