#include "net/packet_pool.h"

#include <sys/mman.h>

#include "net/forbidden_memory.h"
#include "net/result.h"

namespace hairpin {

std::byte* Packet::push_front(std::size_t count) {
    ensure(count <= headroom());
    data_ -= count;
    size_ += count;
    offload.checksum_start = static_cast<std::uint16_t>(offload.checksum_start + count);
    if (offload.segmentation != Segmentation::none)
        offload.header_length = static_cast<std::uint16_t>(offload.header_length + count);
    return data_;
}

void Packet::pop_front(std::size_t count) {
    ensure(count <= size_);
    data_ += count;
    size_ -= count;
    offload.checksum_start = static_cast<std::uint16_t>(offload.checksum_start - count);
    if (offload.segmentation != Segmentation::none)
        offload.header_length = static_cast<std::uint16_t>(offload.header_length - count);
}

void Packet::resize(std::size_t size) {
    ensure(headroom() + size <= capacity_);
    size_ = size;
    permit(data_, size);
    forbid(data_ + size, tailroom());
}

void Packet::reset() {
    data_ = buffer_ + kHeadroom;
    size_ = 0;
    offload = {};
    ingress = kNoPort;
    mark = 0;
}

void PacketHome::operator()(Packet* packet) const noexcept { packet->pool_->give_back(packet); }

PacketPool::PacketPool(Capacity capacity) {
    stock(small_, capacity.small);
    stock(large_, capacity.large);
}

PacketPool::~PacketPool() {
    ensure(in_use() == 0);
    for (Shelf* shelf : {&small_, &large_}) {
        if (shelf->memory == nullptr) continue;
        for (const Packet& packet : shelf->packets)  // whoever is given the memory next may touch it
            if (is_forbidden(packet.buffer_)) permit(packet.buffer_, packet.capacity_);
        munmap(shelf->memory, shelf->buffer_size * shelf->packets.size());
    }
}

void PacketPool::stock(Shelf& shelf, std::size_t count) {
    if (count == 0) return;
    void* memory =
        mmap(nullptr, shelf.buffer_size * count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ensure(memory != MAP_FAILED);
    shelf.memory = static_cast<std::byte*>(memory);
    shelf.packets.reserve(count);
    shelf.free.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        shelf.packets.push_back(Packet{*this, shelf.memory + i * shelf.buffer_size, shelf.buffer_size});
    for (std::size_t i = count; i-- > 0;) shelf.free.push_back(&shelf.packets[i]);
}

PacketPtr PacketPool::take(Shelf& shelf) {
    if (shelf.free.empty()) return nullptr;
    Packet* packet = shelf.free.back();
    shelf.free.pop_back();
    packet->reset();
    permit(packet->buffer_, packet->capacity_);  // whoever fills it says afterwards how far: resize()
    return PacketPtr{packet};
}

void PacketPool::give_back(Packet* packet) {
    forbid(packet->buffer_, packet->capacity_);
    Shelf& shelf = packet->capacity_ == kSmall ? small_ : large_;
    shelf.free.push_back(packet);
}

PacketPtr PacketPool::make(std::span<const std::byte> frame) {
    if (frame.size() > kLargestFrame) return nullptr;
    PacketPtr packet = take_for(frame.size());
    if (!packet) return nullptr;
    packet->resize(frame.size());
    if (!frame.empty()) std::memcpy(packet->data(), frame.data(), frame.size());
    return packet;
}

PacketPtr PacketPool::copy(const Packet& original) {
    PacketPtr packet = make(original.bytes());
    if (!packet) return nullptr;
    packet->offload = original.offload;
    packet->ingress = original.ingress;
    packet->mark = original.mark;
    return packet;
}

}  // namespace hairpin
