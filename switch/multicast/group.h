#pragma once
// An address that a multicast group has: of IPv4, or of IPv6. One type for both, since the switch treats them alike; that of IPv4 is held
// as IPv6 maps it (RFC 4291 2.5.5.2).

#include <compare>
#include <string>

#include "net/ipv4_address.h"
#include "net/ipv6_address.h"

namespace hairpin::l2 {

class MulticastGroup {
public:
    constexpr MulticastGroup() = default;
    constexpr explicit MulticastGroup(const Ipv6Address& address) : address_(address) {}
    constexpr explicit MulticastGroup(Ipv4Address address) {
        const std::uint32_t number = address.number();
        Ipv6Address::Bytes bytes{};
        bytes[10] = bytes[11] = 0xff;
        for (std::size_t i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i) & 0xff);
        address_ = Ipv6Address{bytes};
    }
    constexpr bool is_ipv4() const { return address_.bytes()[0] == 0; }
    constexpr Ipv4Address ipv4() const {
        const auto& bytes = address_.bytes();
        return {bytes[12], bytes[13], bytes[14], bytes[15]};
    }
    constexpr const Ipv6Address& ipv6() const { return address_; }
    constexpr bool is_multicast() const { return is_ipv4() ? ipv4().is_multicast() : address_.is_multicast(); }
    // Of what never leaves the link, and is never narrowed: 224.0.0.x (RFC 4541 2.1.2), and IPv6 scopes up to the link (ff02::).
    constexpr bool is_of_the_link() const {
        if (is_ipv4()) return (ipv4().number() >> 8) == 0xe00000;
        return (address_.bytes()[1] & 0xf) <= 2;
    }
    std::string to_string() const { return is_ipv4() ? ipv4().to_string() : address_.to_string(); }
    friend constexpr auto operator<=>(const MulticastGroup&, const MulticastGroup&) = default;

private:
    Ipv6Address address_;
};

}  // namespace hairpin::l2
