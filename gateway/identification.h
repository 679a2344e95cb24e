#pragma once
// What tells one IPv4 datagram's fragments from another's: the identification (RFC 791, 6864). Behind one translated address many
// hosts count theirs alike, so whatever leaves with an address that others share, and may still be cut up, gets one of ours
// (RFC 6864 §5.3.1, RFC 7857 §10):
//
//   192.168.255.2 -> 198.51.100.10  id 7   ─┐                    ┌─ 203.0.113.80 -> 198.51.100.10  id 51000
//   192.168.255.3 -> 198.51.100.10  id 7   ─┴─ the gateway ──────┴─ 203.0.113.80 -> 198.51.100.10  id 51001
//
// An atomic datagram, which is no fragment and must never become one, keeps what it has: nobody may look at it (RFC 6864 §4.1).

#include <array>
#include <cstdint>

#include "net/frame_view.h"
#include "net/hash.h"

namespace hairpin::gateway {

inline bool is_atomic(const Ipv4Header& ip) { return ip.dont_fragment() && !ip.is_fragment(); }
// Gives the packet this identification, and its header the checksum that goes with it.
void identify(FrameView& frame, Be16 identification);

// Owned by one Worker; its memory is 8 KiB, whatever is asked of it. Source, destination and protocol together choose one of 4096
// counters and where its count begins, both by a secret: what one destination sees tells nothing about another's traffic. So an
// identification comes round after 65536 datagrams of a counter, and sooner than after two minutes where one of them is asked for more
// than 500 a second; RFC 6864 §4.3 knows no remedy but to send less, or atomic ones.
class Identifications {
public:
    explicit Identifications(HashKey secret) : secret_(secret) {}

    // The first of `count` identifications in a row, none of which the same three had lately.
    Be16 next(Ipv4Address source, Ipv4Address destination, IpProtocol protocol, unsigned count = 1);
    // For a packet: as many as the datagrams that will become of it.
    Be16 next_for(const FrameView& frame);
    // The one that next_for() would answer.
    Be16 upcoming_for(const FrameView& frame) const;

private:
    static constexpr std::size_t kCounters = 4096;
    // Which counter, and what its count stands for here.
    struct Sequence {
        std::size_t counter;
        std::uint16_t begins;
    };
    Sequence sequence(Ipv4Address source, Ipv4Address destination, IpProtocol protocol) const;

    HashKey secret_;
    std::array<std::uint16_t, kCounters> counters_{};
};

}  // namespace hairpin::gateway
