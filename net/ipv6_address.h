#pragma once
// IPv6 addresses and prefixes (RFC 4291), written by RFC 5952. Held as they travel.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hairpin {

class Ipv6Address {
public:
    using Bytes = std::array<std::uint8_t, 16>;
    constexpr Ipv6Address() = default;
    constexpr explicit Ipv6Address(Bytes bytes) : bytes_(bytes) {}
    static std::optional<Ipv6Address> parse(std::string_view text);

    constexpr const Bytes& bytes() const { return bytes_; }
    constexpr bool is_multicast() const { return bytes_[0] == 0xff; }
    constexpr bool is_link_local() const { return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80; }
    std::string to_string() const;
    friend constexpr auto operator<=>(const Ipv6Address&, const Ipv6Address&) = default;

private:
    Bytes bytes_{};
};
static_assert(sizeof(Ipv6Address) == 16 && alignof(Ipv6Address) == 1);

// A network: host bits are zero; 0 to 128 bits count.
class Ipv6Prefix {
public:
    constexpr Ipv6Prefix() = default;  // ::/0
    Ipv6Prefix(const Ipv6Address& address, unsigned length);
    // "2001:db8::/32"; host bits set are refused. Without a length: /128.
    static std::optional<Ipv6Prefix> parse(std::string_view text);

    constexpr const Ipv6Address& network() const { return network_; }
    constexpr unsigned length() const { return length_; }
    bool contains(const Ipv6Address& address) const;
    std::string to_string() const;
    friend constexpr auto operator<=>(const Ipv6Prefix&, const Ipv6Prefix&) = default;

private:
    Ipv6Address network_;
    std::uint8_t length_ = 0;
};

}  // namespace hairpin
