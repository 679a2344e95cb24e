#pragma once
// A 48-bit Ethernet address (IEEE 802), held as it travels.

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hairpin {

class MacAddress {
public:
    using Bytes = std::array<std::uint8_t, 6>;

    constexpr MacAddress() = default;
    constexpr explicit MacAddress(Bytes bytes) : bytes_(bytes) {}
    // The low 48 bits, the first byte on the wire highest: 0x020000000001 is 02:00:00:00:00:01.
    static constexpr MacAddress from_number(std::uint64_t number) {
        MacAddress result;
        for (std::size_t i = 6; i-- > 0; number >>= 8) result.bytes_[i] = static_cast<std::uint8_t>(number & 0xff);
        return result;
    }
    static constexpr MacAddress broadcast() { return from_number(0xffff'ffff'ffff); }
    // A locally administered unicast address made from a name, the same for the same name (IEEE 802c: x2).
    static MacAddress from_name(std::string_view name);
    // "02:00:00:00:00:01", with : or - between two hexadecimal digits each.
    static std::optional<MacAddress> parse(std::string_view text);

    constexpr const Bytes& bytes() const { return bytes_; }
    constexpr std::uint64_t number() const { return std::uint64_t{first_four()} << 16 | last_two(); }
    constexpr bool is_group() const { return (bytes_[0] & 1) != 0; }  // multicast or broadcast
    constexpr bool is_broadcast() const { return number() == 0xffff'ffff'ffff; }
    constexpr bool is_zero() const { return number() == 0; }
    // 01-80-C2-00-00-00 to 0F: for the next bridge alone, never forwarded (IEEE 802.1D table 7-10).
    constexpr bool is_link_local_control() const { return (number() & ~std::uint64_t{0xf}) == 0x0180'c200'0000; }
    // What a station may speak from: not a group, not zero.
    constexpr bool is_station() const { return !is_group() && !is_zero(); }

    std::string to_string() const;

    friend constexpr bool operator==(MacAddress a, MacAddress b) { return a.number() == b.number(); }
    friend constexpr auto operator<=>(MacAddress a, MacAddress b) { return a.number() <=> b.number(); }

private:
    // Read in the pieces in which six bytes are copied, four and two: a load across the two stores would wait for both.
    constexpr std::uint32_t first_four() const {
        return __builtin_bswap32(std::bit_cast<std::uint32_t>(std::array{bytes_[0], bytes_[1], bytes_[2], bytes_[3]}));
    }
    constexpr std::uint16_t last_two() const {
        return __builtin_bswap16(std::bit_cast<std::uint16_t>(std::array{bytes_[4], bytes_[5]}));
    }
    Bytes bytes_{};
};
static_assert(sizeof(MacAddress) == 6 && alignof(MacAddress) == 1);

}  // namespace hairpin
