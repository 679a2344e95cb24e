#pragma once
// IPv4 addresses and prefixes (RFC 791, 4632). An Ipv4Address is held as it travels, so it may stand in a header layout.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/big_endian.h"

namespace hairpin {

class Ipv4Address {
public:
    constexpr Ipv4Address() = default;
    constexpr explicit Ipv4Address(std::uint32_t number) : wire_(number) {}
    constexpr Ipv4Address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
        : Ipv4Address(std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | std::uint32_t{c} << 8 | d) {}
    // Dotted decimal, four parts, no leading zeros (RFC 6943 §3.1.1: what other readers take for octal).
    static std::optional<Ipv4Address> parse(std::string_view text);
    static constexpr Ipv4Address broadcast() { return Ipv4Address{0xffff'ffff}; }

    constexpr std::uint32_t number() const { return wire_.value(); }  // host order: 192.0.2.1 is 0xc0000201
    constexpr Be32 wire() const { return wire_; }
    constexpr bool is_unspecified() const { return wire_.raw() == 0; }
    constexpr bool is_broadcast() const { return wire_.raw() == 0xffff'ffff; }
    constexpr bool is_multicast() const { return (number() >> 28) == 0xe; }
    constexpr bool is_loopback() const { return (number() >> 24) == 127; }
    constexpr bool is_reserved() const { return (number() >> 28) == 0xf; }  // class E, the limited broadcast included
    constexpr bool is_this_network() const { return (number() >> 24) == 0; }
    constexpr bool is_link_local() const { return (number() >> 16) == 0xa9fe; }
    // Multicast, loopback, 0.0.0.0/8, and 240.0.0.0/4 with the limited broadcast: no host may have such an address, so nothing may be sent
    // from there, nor to it alone (RFC 1122 3.2.1.3, RFC 1812 5.3.7).
    constexpr bool is_no_hosts() const { return is_this_network() || is_loopback() || is_multicast() || is_reserved(); }

    std::string to_string() const;

    friend constexpr bool operator==(Ipv4Address a, Ipv4Address b) { return a.wire_ == b.wire_; }
    friend constexpr auto operator<=>(Ipv4Address a, Ipv4Address b) { return a.number() <=> b.number(); }

private:
    Be32 wire_;
};
static_assert(sizeof(Ipv4Address) == 4 && alignof(Ipv4Address) == 1);

// A network: an address whose host bits are zero, and how many bits of it count (0 to 32).
class Ipv4Prefix {
public:
    constexpr Ipv4Prefix() = default;  // 0.0.0.0/0
    constexpr Ipv4Prefix(Ipv4Address address, unsigned length)
        : length_(static_cast<std::uint8_t>(length)), network_(address.number() & mask()) {}
    // "192.0.2.0/24"; host bits set are refused. Without a length: /32.
    static std::optional<Ipv4Prefix> parse(std::string_view text);

    constexpr Ipv4Address network() const { return network_; }
    constexpr unsigned length() const { return length_; }
    constexpr std::uint32_t mask() const { return length_ == 0 ? 0 : ~std::uint32_t{0} << (32 - length_); }
    constexpr Ipv4Address first() const { return network_; }
    constexpr Ipv4Address last() const { return Ipv4Address{network_.number() | ~mask()}; }
    // The subnet's directed broadcast; a /31 or /32 has none (RFC 3021) and answers nullopt.
    constexpr std::optional<Ipv4Address> directed_broadcast() const {
        if (length_ > 30) return std::nullopt;
        return last();
    }
    constexpr bool contains(Ipv4Address address) const { return (address.number() & mask()) == network_.number(); }
    constexpr bool overlaps(const Ipv4Prefix& other) const { return contains(other.network_) || other.contains(network_); }
    // The subnet's own address and its broadcast, which no host of it may have; a /31 and a /32 have none (RFC 3021).
    constexpr bool reserves(Ipv4Address address) const { return length_ < 31 && (address == first() || address == last()); }

    std::string to_string() const;
    friend constexpr auto operator<=>(const Ipv4Prefix&, const Ipv4Prefix&) = default;

private:
    std::uint8_t length_ = 0;
    Ipv4Address network_;
};

// An address of an interface together with its subnet: "192.0.2.1/24", the host bits kept.
struct Ipv4InterfaceAddress {
    Ipv4Address address;
    Ipv4Prefix subnet;
    static std::optional<Ipv4InterfaceAddress> parse(std::string_view text);
    std::string to_string() const;
    friend constexpr bool operator==(const Ipv4InterfaceAddress&, const Ipv4InterfaceAddress&) = default;
};

}  // namespace hairpin
