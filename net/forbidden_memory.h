#pragma once
// Which bytes of a pool's memory nobody may touch right now, told to AddressSanitizer: a pool has all its memory from the system at once,
// so nobody else would notice who reads beyond a packet, or one that has gone home. In builds without it this is nothing.

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAIRPIN_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAIRPIN_ADDRESS_SANITIZER
#endif

#ifdef HAIRPIN_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace hairpin {

inline void forbid([[maybe_unused]] const std::byte* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef HAIRPIN_ADDRESS_SANITIZER
    __asan_poison_memory_region(memory, bytes);
#endif
}

inline void permit([[maybe_unused]] const std::byte* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef HAIRPIN_ADDRESS_SANITIZER
    __asan_unpoison_memory_region(memory, bytes);
#endif
}

inline bool is_forbidden([[maybe_unused]] const std::byte* byte) {
#ifdef HAIRPIN_ADDRESS_SANITIZER
    return __asan_address_is_poisoned(byte) != 0;
#else
    return false;
#endif
}

}  // namespace hairpin
