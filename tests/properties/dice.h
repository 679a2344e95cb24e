#pragma once
// Chance that a seed repeats, for whoever has the same build.

#include <array>
#include <cstdint>
#include <random>

namespace hairpin::testing {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next() { return engine_(); }
    std::uint32_t below(std::uint64_t count) { return static_cast<std::uint32_t>(engine_() % count); }
    std::uint32_t between(std::uint32_t first, std::uint32_t last) { return first + below(std::uint64_t{last} - first + 1); }
    bool chance(unsigned percent) { return below(100) < percent; }
    template <class Item, std::size_t size>
    Item one_of(const std::array<Item, size>& items) {
        return items[below(size)];
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace hairpin::testing
