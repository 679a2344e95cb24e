#pragma once
// What libFuzzer gives a harness, read as numbers: whoever finds nothing left reads zeros, so every input means something.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hairpin::fuzz {

class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : left_(data, size) {}
    explicit Input(std::span<const std::uint8_t> bytes) : left_(bytes) {}

    bool empty() const { return left_.empty(); }
    std::span<const std::uint8_t> take(std::size_t count) {
        const auto taken = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    unsigned byte() {
        const auto taken = take(1);
        return taken.empty() ? 0 : taken[0];
    }
    unsigned word() {
        const unsigned high = byte();
        return high << 8 | byte();
    }
    // One of these, the same for the same byte.
    template <class T, std::size_t N>
    const T& one_of(const T (&choices)[N]) {
        return choices[byte() % N];
    }
    std::string_view rest() {
        const auto taken = take(left_.size());
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }

private:
    std::span<const std::uint8_t> left_;
};

}  // namespace hairpin::fuzz
