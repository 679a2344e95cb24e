#pragma once
// What was changed in one direction of a TCP stream, so that all that comes after, and all that comes again, fits to it.
//
//   as sent       1000 ── PORT 10,0,0,2,195,90 ── 1029 ── RETR a …      the sender's own numbers
//   as it leaves  1000 ── PORT 203,0,113,80,201,12 ── 1034 ── RETR a …  the numbers that the receiver knows
//
// An edit replaces some bytes. A number before it stays, one behind it is shifted, and one inside of it is taken to its beginning or its end:
// a segment that touches an edit carries all of what stands in its place, which is right wherever the sender cuts the stream; an
// acknowledgment of a part of it acknowledges nothing of it, and the sender sends it again.
//
// Holds kMost edits. When there is no room the oldest that the receiver has acknowledged is forgotten, and only its shift is kept: what its
// sender might still send again of it the receiver has already, and throws away.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hairpin::gateway {

class StreamEdits {
public:
    static constexpr std::size_t kMost = 8;
    static constexpr std::size_t kLongest = 48;  // what is put in

    bool empty() const { return count_ == 0 && shift_ == 0; }

    // Whether another one fits, the receiver having acknowledged this much, in the sender's numbers.
    bool has_room(std::uint32_t acknowledged) const;
    // The sender's bytes from `at` on are replaced. It lies behind all others; there is room.
    void add(std::uint32_t at, std::size_t length, std::string_view text, std::uint32_t acknowledged);

    // The sender's number as the receiver knows it; inside of an edit that of its beginning.
    std::uint32_t as_received(std::uint32_t sent) const;
    // What the receiver calls `received`, as the sender knows it; inside of an edit that of its beginning, or of its end.
    enum class Inside : std::uint8_t { begins, ends };
    std::uint32_t as_sent(std::uint32_t received, Inside inside = Inside::begins) const;

    // Whether a segment of the sender contains something of an edit, and what it says then.
    bool touches(std::uint32_t sequence, std::size_t length) const;
    std::vector<std::byte> applied_to(std::uint32_t sequence, std::span<const std::byte> payload) const;

private:
    struct Edit {
        std::uint32_t at;
        std::uint16_t length, size;
        std::array<char, kLongest> text;
        std::uint32_t end() const { return at + length; }
    };

    std::array<Edit, kMost> edits_{};
    std::size_t count_ = 0;
    std::uint32_t shift_ = 0;  // of all that were forgotten together, modulo 2^32
};

}  // namespace hairpin::gateway
