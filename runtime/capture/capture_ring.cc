#include "runtime/capture/capture_ring.h"

#include <cstring>
#include <new>
#include <type_traits>

#include "net/result.h"

namespace hairpin::runtime {

static_assert(std::is_trivially_copyable_v<Sighting>);

// Not made_unique: the memory is touched when it is first used.
CaptureRing::CaptureRing(std::size_t capacity) : capacity_(capacity), memory_(new std::byte[capacity]) {}

std::size_t CaptureRing::size_of(std::size_t kept) {
    constexpr std::size_t kAlignment = alignof(Sighting);
    return (sizeof(Sighting) + kept + kAlignment - 1) / kAlignment * kAlignment;
}

// Records lie in [begin, end), or, once the beginning of the memory is used again, in [begin, upper_end) and [0, end).
std::byte* CaptureRing::find_room(std::size_t size) {
    const bool wrapped = upper_end_ != 0;
    if (!wrapped && size > capacity_ - end_ && size <= begin_) {
        used_ += capacity_ - end_;
        upper_end_ = end_;
        end_ = 0;
    } else if (size > (wrapped ? begin_ : capacity_) - end_) {
        return nullptr;
    }
    std::byte* const place = memory_.get() + end_;
    end_ += size;
    used_ += size;
    return place;
}

bool CaptureRing::put(const Sighting& sighting, std::span<const std::byte> bytes) {
    ensure(bytes.size() == sighting.kept);
    std::byte* const place = find_room(size_of(sighting.kept));
    if (place == nullptr) return false;
    std::memcpy(place, &sighting, sizeof sighting);
    if (!bytes.empty()) std::memcpy(place + sizeof sighting, bytes.data(), bytes.size());
    return true;
}

CaptureRing::Record CaptureRing::front() const {
    ensure(!empty());
    Record record;
    std::memcpy(&record.sighting, memory_.get() + begin_, sizeof record.sighting);
    record.bytes = {memory_.get() + begin_ + sizeof record.sighting, record.sighting.kept};
    return record;
}

void CaptureRing::pop() {
    const std::size_t size = size_of(front().sighting.kept);
    begin_ += size;
    used_ -= size;
    if (begin_ == upper_end_) {
        used_ -= capacity_ - upper_end_;
        begin_ = upper_end_ = 0;
    }
    if (used_ == 0) begin_ = end_ = 0;
}

}  // namespace hairpin::runtime
