#pragma once
// An array of a fixed number of records whose memory is reserved at once and touched only where it is used: a table may be
// made for a million sessions and cost an idle daemon nothing. Records start as all zero bytes.

#include <sys/mman.h>

#include <cstddef>
#include <type_traits>

#include "net/result.h"

namespace hairpin {

template <class T>
class ReservedArray {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>, "records are bytes");

public:
    explicit ReservedArray(std::size_t count) : count_(count) {
        if (count == 0) return;
        void* memory =
            mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        ensure(memory != MAP_FAILED);
        records_ = static_cast<T*>(memory);
    }
    ~ReservedArray() {
        if (records_ != nullptr) munmap(static_cast<void*>(records_), count_ * sizeof(T));
    }
    ReservedArray(const ReservedArray&) = delete;
    ReservedArray& operator=(const ReservedArray&) = delete;

    std::size_t size() const { return count_; }
    T& operator[](std::size_t index) { return records_[index]; }
    const T& operator[](std::size_t index) const { return records_[index]; }

private:
    std::size_t count_;
    T* records_ = nullptr;
};

}  // namespace hairpin
