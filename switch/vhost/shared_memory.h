#pragma once
// Numbers in memory that a guest writes while we read, and reads while we write. Each is fetched exactly once: what was checked is what
// is used, whatever the guest makes of the place meanwhile. Numbers are little-endian (virtio 1.2 §2.7), as is every host that we run on.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace hairpin::l2::vhost {

static_assert(std::endian::native == std::endian::little);

// Places of a ring, which are aligned: checked when the ring is opened.
inline std::uint16_t load_acquire(const std::byte* place) {
    return __atomic_load_n(reinterpret_cast<const std::uint16_t*>(place), __ATOMIC_ACQUIRE);
}
inline std::uint16_t load(const std::byte* place) {
    return __atomic_load_n(reinterpret_cast<const std::uint16_t*>(place), __ATOMIC_RELAXED);
}
inline void store_release(std::byte* place, std::uint16_t number) {
    __atomic_store_n(reinterpret_cast<std::uint16_t*>(place), number, __ATOMIC_RELEASE);
}
inline void store(std::byte* place, std::uint32_t number) {
    __atomic_store_n(reinterpret_cast<std::uint32_t*>(place), number, __ATOMIC_RELAXED);
}
inline void store(std::byte* place, std::uint16_t number) {
    __atomic_store_n(reinterpret_cast<std::uint16_t*>(place), number, __ATOMIC_RELAXED);
}
// Between telling the guest something and looking what it wants: both sides do so, and one of them sees the other.
inline void full_fence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// A table of descriptors may lie anywhere.
struct __attribute__((packed)) Descriptor {
    static constexpr std::uint16_t kNext = 1;
    static constexpr std::uint16_t kWrite = 2;
    static constexpr std::uint16_t kIndirect = 4;

    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t flags;
    std::uint16_t next;

    static Descriptor read(const std::byte* place) {
        const auto* there = reinterpret_cast<const volatile Descriptor*>(place);
        return {there->address, there->length, there->flags, there->next};
    }
};
static_assert(sizeof(Descriptor) == 16);

}  // namespace hairpin::l2::vhost
