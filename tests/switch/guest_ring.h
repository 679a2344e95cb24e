#pragma once
// The driver's side of a split virtqueue, as a guest has it: rings and buffers in a piece of memory that tests share with the device. What is
// written is what is asked for, whether the rules allow it or not.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "switch/vhost/virtqueue.h"

namespace hairpin::l2::vhost {

inline constexpr std::uint64_t kGuestBase = 0x4000'0000;      // where the memory begins for the guest
inline constexpr std::uint64_t kUserBase = 0x7f00'0000'0000;  // ... and for the process that runs it

struct GuestDescriptor {
    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t flags = 0;
    std::uint16_t next = 0;
};

class GuestRing {
public:
    struct Used {
        std::uint32_t head;
        std::uint32_t written;
        friend bool operator==(const Used&, const Used&) = default;
    };
    // The ring takes room_for(size) bytes of the memory, from `offset` on.
    GuestRing(std::span<std::byte> memory, std::size_t offset, unsigned size) : memory_(memory), offset_(offset), size_(size) {}
    static std::size_t room_for(unsigned size) { return std::size_t{16} * size + (6 + 2 * size + 15) / 16 * 16 + 8 * size + 6; }

    Virtqueue::Place place(std::uint16_t base = 0) const {
        return {.size = size_,
                .descriptors = kUserBase + offset_,
                .available = kUserBase + available(),
                .used = kUserBase + used(),
                .base = base};
    }

    void describe(std::size_t index, const GuestDescriptor& descriptor) { put(offset_ + 16 * index, descriptor); }
    // A table of descriptors anywhere in the memory.
    void describe_at(std::size_t table, std::size_t index, const GuestDescriptor& descriptor) {
        put(table + 16 * index, descriptor);
    }
    // Makes a chain available, without a look at what is there.
    void offer(std::uint16_t head) {
        put(available() + 4 + 2 * std::size_t{index_ % size_}, head);
        set_available_index(static_cast<std::uint16_t>(index_ + 1));
    }
    // One buffer of one descriptor.
    void offer_buffer(std::uint16_t index, std::uint64_t address, std::uint32_t length, std::uint16_t flags) {
        describe(index, {address, length, flags, 0});
        offer(index);
    }
    void set_available_index(std::uint16_t index) { put(available() + 2, index_ = index); }
    void begin_at(std::uint16_t index) { set_available_index(index), put(used() + 2, index), seen_ = index; }

    // Without interrupts; with events, from which index on.
    void set_available_flags(std::uint16_t flags) { put(available(), flags); }
    void set_used_event(std::uint16_t index) { put(available() + 4 + 2 * std::size_t{size_}, index); }
    std::uint16_t used_flags() const { return get<std::uint16_t>(used()); }
    std::uint16_t avail_event() const { return get<std::uint16_t>(used() + 4 + 8 * std::size_t{size_}); }

    // What the device has used since this was asked last.
    std::vector<Used> take_used() {
        std::vector<Used> all;
        for (const auto end = get<std::uint16_t>(used() + 2); seen_ != end; ++seen_)
            all.push_back(get<Used>(used() + 4 + 8 * std::size_t{seen_ % size_}));
        return all;
    }

    std::size_t available() const { return offset_ + std::size_t{16} * size_; }
    std::size_t used() const { return available() + (6 + 2 * std::size_t{size_} + 15) / 16 * 16; }

private:
    template <class T>
    void put(std::size_t offset, const T& value) {
        std::memcpy(memory_.data() + offset, &value, sizeof value);
    }
    template <class T>
    T get(std::size_t offset) const {
        T value;
        std::memcpy(&value, memory_.data() + offset, sizeof value);
        return value;
    }

    std::span<std::byte> memory_;
    std::size_t offset_;
    unsigned size_;
    std::uint16_t index_ = 0;
    std::uint16_t seen_ = 0;
};

}  // namespace hairpin::l2::vhost
