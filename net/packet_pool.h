#pragma once
// Where packets live: two shelves of buffers, small for what fits an ordinary link and large for super-packets, each handed out
// last in, first out, so that the buffer whose bytes are still in the cache goes first.
//
// Owned by one Worker; not shared. All memory is reserved at the start and touched only when first used. An empty shelf answers
// nullptr, and the caller counts DropReason::no_buffer.

#include <cstddef>
#include <span>
#include <vector>

#include "net/packet.h"

namespace hairpin {

class PacketPool {
public:
    static constexpr std::size_t kSmall = 2048 + Packet::kHeadroom;         // frames up to 2048 bytes
    static constexpr std::size_t kLarge = 65536 + 512 + Packet::kHeadroom;  // a 65535-byte datagram with Ethernet and tags
    static constexpr std::size_t kLargestFrame = kLarge - Packet::kHeadroom;

    struct Capacity {
        std::size_t small = 16384;
        std::size_t large = 1024;
    };
    PacketPool() : PacketPool(Capacity{}) {}
    explicit PacketPool(Capacity capacity);
    ~PacketPool();  // every packet must be home
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;

    PacketPtr take_small() { return take(small_); }
    PacketPtr take_large() { return take(large_); }
    // An empty packet whose tailroom holds `size` bytes; nullptr when there is none to give.
    PacketPtr take_for(std::size_t size) { return size <= kSmall - Packet::kHeadroom ? take(small_) : take(large_); }
    // A packet with these bytes as its frame.
    PacketPtr make(std::span<const std::byte> frame);
    // The same bytes and metadata in a buffer of its own.
    PacketPtr copy(const Packet& packet);

    // How many packets are out, held by somebody.
    std::size_t in_use() const { return small_.in_use() + large_.in_use(); }

private:
    friend struct PacketHome;
    struct Shelf {
        std::size_t buffer_size;
        std::byte* memory = nullptr;
        std::vector<Packet> packets;
        std::vector<Packet*> free;
        std::size_t in_use() const { return packets.size() - free.size(); }
    };
    void stock(Shelf& shelf, std::size_t count);
    static PacketPtr take(Shelf& shelf);
    void give_back(Packet* packet);

    Shelf small_{kSmall, nullptr, {}, {}};
    Shelf large_{kLarge, nullptr, {}, {}};
};

}  // namespace hairpin
