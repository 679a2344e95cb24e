#pragma once
// Finds a flow's number by the hash of its key. One bucket is one cache line: ten 16-bit tags, ten numbers, and a count of the
// entries that wanted this bucket and had to move on, so that a search knows where to stop and a removal leaves no tombstone.
//
//   home bucket full?  the entry goes to the next one with room, and each bucket passed counts it as displaced
//
// The caller compares keys: `same(number)` is asked only for entries whose tag agrees, once in 65 536 for nothing.

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "net/reserved_array.h"

namespace hairpin::gateway {

class FlowIndex {
public:
    // Room for `flows` entries at three quarters load.
    explicit FlowIndex(std::size_t flows) : buckets_(std::bit_ceil(flows * 4 / (3 * kSlots) + 1)), mask_(buckets_.size() - 1) {}

    void prefetch(std::uint64_t hash) const { __builtin_prefetch(&buckets_[hash & mask_]); }

    template <class Same>
    std::optional<std::uint32_t> find(std::uint64_t hash, Same&& same) const {
        const std::uint16_t tag = tag_of(hash);
        for (std::size_t at = hash & mask_, steps = 0; steps <= mask_; at = (at + 1) & mask_, ++steps) {
            const Bucket& bucket = buckets_[at];
            for (std::size_t slot = 0; slot < kSlots; ++slot)
                if (bucket.tags[slot] == tag && same(bucket.numbers[slot])) return bucket.numbers[slot];
            if (bucket.displaced == 0) return std::nullopt;
        }
        return std::nullopt;
    }

    // The caller has made sure that there is room and that the flow is not in yet.
    void insert(std::uint64_t hash, std::uint32_t number) {
        for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
            Bucket& bucket = buckets_[at];
            for (std::size_t slot = 0; slot < kSlots; ++slot)
                if (bucket.tags[slot] == kFree) {
                    bucket.tags[slot] = tag_of(hash);
                    bucket.numbers[slot] = number;
                    return;
                }
            ++bucket.displaced;
        }
    }

    // `number` was inserted with this hash.
    void erase(std::uint64_t hash, std::uint32_t number) {
        for (std::size_t at = hash & mask_, steps = 0; steps <= mask_; at = (at + 1) & mask_, ++steps) {
            Bucket& bucket = buckets_[at];
            for (std::size_t slot = 0; slot < kSlots; ++slot)
                if (bucket.tags[slot] != kFree && bucket.numbers[slot] == number) {
                    bucket.tags[slot] = kFree;
                    return;
                }
            ensure(bucket.displaced > 0);
            --bucket.displaced;
        }
        unreachable_because("the flow to erase is in the index");
    }

private:
    static constexpr std::size_t kSlots = 10;
    static constexpr std::uint16_t kFree = 0;
    struct alignas(64) Bucket {
        std::array<std::uint16_t, kSlots> tags;
        std::array<std::uint32_t, kSlots> numbers;
        std::uint16_t displaced;
    };
    static_assert(sizeof(Bucket) == 64);
    static std::uint16_t tag_of(std::uint64_t hash) {
        const auto tag = static_cast<std::uint16_t>(hash >> 48);
        return tag == kFree ? std::uint16_t{1} : tag;
    }

    ReservedArray<Bucket> buckets_;
    std::size_t mask_;
};

}  // namespace hairpin::gateway
