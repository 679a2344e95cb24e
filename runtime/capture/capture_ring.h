#pragma once
// What a capture has seen and nobody has taken yet: the packets' bytes with what is known of each, in the order in which they came.
//
// Its memory is there from the start and is all that a capture ever takes: what does not fit is not put in, and whoever puts counts it. A
// record is in one piece, so at the end of the memory some may stay unused until what is before it has been taken.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "net/drop_reason.h"
#include "net/time.h"
#include "runtime/capture/session_hint.h"

namespace hairpin::runtime {

// A packet where and when it was seen.
struct Sighting {
    enum class What : std::uint8_t { in, out, dropped };

    Timestamp time{};
    std::uint64_t packet = 0;  // its number
    std::uint64_t lost = 0;    // at the same place since the sighting before, because they did not fit
    std::uint32_t length = 0;  // of the packet
    std::uint32_t kept = 0;    // bytes of it that are here
    std::uint16_t place = 0;   // of the capture's places
    What what = What::in;
    DropReason reason{};  // of what was dropped
    SessionHint hint;
};

class CaptureRing {
public:
    explicit CaptureRing(std::size_t capacity);

    // False when it does not fit. `bytes` are sighting.kept many.
    bool put(const Sighting& sighting, std::span<const std::byte> bytes);

    struct Record {
        Sighting sighting;
        std::span<const std::byte> bytes;  // good until pop()
    };
    bool empty() const { return used_ == 0; }
    Record front() const;  // of what is not empty
    void pop();

    std::size_t capacity() const { return capacity_; }
    std::size_t used() const { return used_; }  // bytes, those that stay unused at the end among them

private:
    static std::size_t size_of(std::size_t kept);
    std::byte* find_room(std::size_t size);

    std::size_t capacity_;
    std::unique_ptr<std::byte[]> memory_;
    std::size_t begin_ = 0, end_ = 0, used_ = 0;
    std::size_t upper_end_ = 0;  // where the records end that stand before the memory's end, while others follow at its beginning
};

}  // namespace hairpin::runtime
