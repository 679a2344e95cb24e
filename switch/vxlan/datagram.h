#pragma once
// What a VXLAN datagram carries (RFC 7348 §5), and how the kernel hands datagrams over:
//
//   │ flags, VNI │ Ethernet frame │                                  one
//   │ flags, VNI │ frame │ flags, VNI │ frame │ flags, VNI │ ... │   several of one size, the last perhaps shorter (UDP_GRO)
//   │ flags, VNI │ frame of up to 64 KiB ························ │   one that its sender's kernel has not cut yet
//
// The last comes from a tunnel device of the kernel whose packets have met no real wire on their way here, as over a veth pair: it
// leaves cutting to a network card, and there was none. The kernel tells of it what it tells of several; the inner packet's own length
// says which of the two it is.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "net/numbers.h"

namespace hairpin::l2 {

struct VxlanFrame {
    Vni vni;
    std::span<const std::byte> bytes;  // the Ethernet frame; may be shorter than its header
};
// Nothing where it is no VXLAN: shorter than the header, or without the I flag. Every other flag and reserved bit is ignored.
std::optional<VxlanFrame> read_vxlan(std::span<const std::byte> datagram);

// One after the other, the datagrams of what was received at once.
class VxlanDatagrams {
public:
    struct Datagram {
        std::span<const std::byte> bytes;
        std::uint16_t segment_size = 0;  // of one that is yet to be cut, as the kernel says; else 0
        bool one_of_several = false;
    };
    // `size_of_each`: as UDP_GRO says; 0 where it says nothing.
    VxlanDatagrams(std::span<const std::byte> received, std::size_t size_of_each);

    std::optional<Datagram> next();

private:
    std::span<const std::byte> rest_;
    std::size_t size_of_each_;  // 0: it is one
    std::uint16_t segment_size_ = 0;
};

}  // namespace hairpin::l2
