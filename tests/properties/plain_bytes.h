#pragma once
// Bytes read, written and summed up the plain way: a byte at a time, as the RFCs tell it. Nothing here is shared with net/, whose sums and
// views are what these are to find mistakes in.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hairpin::testing::plain {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

inline unsigned byte_at(View bytes, std::size_t at) { return at < bytes.size() ? std::to_integer<unsigned>(bytes[at]) : 0; }
inline unsigned word_at(View bytes, std::size_t at) { return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1); }
inline std::uint32_t long_at(View bytes, std::size_t at) {
    return std::uint32_t{word_at(bytes, at)} << 16 | word_at(bytes, at + 2);
}
inline void put_byte(std::span<std::byte> bytes, std::size_t at, unsigned value) {
    if (at < bytes.size()) bytes[at] = static_cast<std::byte>(value);
}
inline void put_word(std::span<std::byte> bytes, std::size_t at, unsigned value) {
    put_byte(bytes, at, value >> 8 & 0xff), put_byte(bytes, at + 1, value & 0xff);
}
inline void put_long(std::span<std::byte> bytes, std::size_t at, std::uint32_t value) {
    put_word(bytes, at, value >> 16), put_word(bytes, at + 2, value & 0xffff);
}

// The ones' complement sum of 16-bit words, RFC 1071: an odd byte at the end is the high one of a word. Every carry comes back in at once.
class Sum {
public:
    Sum& add_word(unsigned word) {
        sum_ += word;
        sum_ = (sum_ & 0xffff) + (sum_ >> 16);
        return *this;
    }
    Sum& add(View bytes) {
        for (std::size_t i = 0; i < bytes.size(); i += 2) add_word(word_at(bytes, i));
        return *this;
    }
    unsigned value() const { return sum_; }
    unsigned complement() const { return ~sum_ & 0xffff; }
    // Over data that holds its own checksum.
    bool holds() const { return sum_ == 0xffff; }

private:
    unsigned sum_ = 0;
};

// Zero has two faces in ones' complement.
inline bool same_sum(unsigned one, unsigned other) { return one % 0xffff == other % 0xffff; }

// "45 00 00 1c ...", cut off where it would be too much to read.
std::string hex(View bytes);
// "192.0.2.1"
std::string address_text(std::uint32_t address);

}  // namespace hairpin::testing::plain
