#pragma once
// A frame on its way: a view on a pooled buffer, with room in front for headers yet to come and the offload metadata that lets
// a super-packet of up to 64 KiB travel whole.
//
//        │ headroom │ frame, size() bytes      │ tailroom │
//        buffer     data()                                buffer + capacity
//
// A PacketPtr has exactly one owner. Moving it is the only way to pass a packet on; destroying it sends it home to its pool.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "net/numbers.h"

namespace hairpin {

// Who vouches for the L4 checksum.
enum class ChecksumState : std::uint8_t {
    unknown,   // nobody has looked: the field is what came off the wire
    verified,  // the sender's kernel says it is good
    partial,   // the field holds the pseudo-header sum; somebody must complete it over [checksum_start, end)
};

// How a super-packet is to be cut: TCP over IPv4 or IPv6 (TSO), or UDP datagrams of one size (USO).
enum class Segmentation : std::uint8_t { none, tcp4, tcp6, udp };

struct Offload {
    ChecksumState checksum = ChecksumState::unknown;
    Segmentation segmentation = Segmentation::none;
    std::uint16_t segment_size = 0;     // bytes of L4 payload in each segment but the last
    std::uint16_t header_length = 0;    // Ethernet to L4, all headers
    std::uint16_t checksum_start = 0;   // from the frame's first byte
    std::uint16_t checksum_offset = 0;  // of the field, from checksum_start
};

class PacketPool;

class Packet {
public:
    static constexpr std::size_t kHeadroom = 128;  // VXLAN takes 50, a vnet_hdr 12, two tags 8

    std::byte* data() { return data_; }
    const std::byte* data() const { return data_; }
    std::size_t size() const { return size_; }
    std::span<std::byte> bytes() { return {data_, size_}; }
    std::span<const std::byte> bytes() const { return {data_, size_}; }
    std::size_t headroom() const { return static_cast<std::size_t>(data_ - buffer_); }
    std::size_t tailroom() const { return capacity_ - headroom() - size_; }

    // Grows at the front by `count` bytes and returns the new first byte. Offload offsets move along. Needs the headroom.
    std::byte* push_front(std::size_t count);
    // Gives `count` bytes at the front back to the headroom; offload offsets move along.
    void pop_front(std::size_t count);
    // Sets the frame's length; data() stays. Must fit the buffer.
    void resize(std::size_t size);
    // Empties the packet: no bytes, full headroom, no metadata.
    void reset();

    Offload offload;
    PortId ingress = kNoPort;  // of the switch, by which it came in; none yet of what the gateway has just made
    // Set by a tracer or capture to follow one packet; 0 when nobody does.
    std::uint32_t mark = 0;

private:
    friend class PacketPool;
    friend struct PacketHome;
    Packet(PacketPool& pool, std::byte* buffer, std::size_t capacity)
        : pool_(&pool), buffer_(buffer), data_(buffer), capacity_(capacity) {}

    PacketPool* pool_;
    std::byte* buffer_;
    std::byte* data_;
    std::size_t size_ = 0;
    std::size_t capacity_;
};

struct PacketHome {
    void operator()(Packet* packet) const noexcept;
};
using PacketPtr = std::unique_ptr<Packet, PacketHome>;

// What one readable port yields at once, and what the functions that a packet visits take.
using Batch = std::vector<PacketPtr>;
inline constexpr std::size_t kBurstPackets = 64;
// A super-packet is written while its bytes are still in the nearest cache: one at a time is 8 % faster than eight (bench/run
// hairpin-tcp).
inline constexpr std::size_t kBurstBytes = 64 * 1024;

}  // namespace hairpin
