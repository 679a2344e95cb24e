#include "net/ipv6_address.h"

#include <arpa/inet.h>  // inet_pton and inet_ntop: RFC 4291 and 5952 as libc has them, no socket involved

#include "net/numbers.h"

namespace hairpin {

namespace {
Ipv6Address masked(const Ipv6Address& address, unsigned length) {
    auto bytes = address.bytes();
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned bits = length > 8 * i ? length - 8 * i : 0;
        if (bits < 8) bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> bits));
    }
    return Ipv6Address{bytes};
}
}  // namespace

std::optional<Ipv6Address> Ipv6Address::parse(std::string_view text) {
    Bytes bytes;
    if (inet_pton(AF_INET6, std::string{text}.c_str(), bytes.data()) != 1) return std::nullopt;
    return Ipv6Address{bytes};
}

std::string Ipv6Address::to_string() const {
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
}

Ipv6Prefix::Ipv6Prefix(const Ipv6Address& address, unsigned length)
    : network_(masked(address, length)), length_(static_cast<std::uint8_t>(length)) {}

std::optional<Ipv6Prefix> Ipv6Prefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = Ipv6Address::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    std::uint64_t length = 128;
    if (slash != std::string_view::npos) {
        const auto number = parse_number(text.substr(slash + 1), 128);
        if (!number) return std::nullopt;
        length = *number;
    }
    const Ipv6Prefix prefix{*address, static_cast<unsigned>(length)};
    if (prefix.network() != *address) return std::nullopt;
    return prefix;
}

bool Ipv6Prefix::contains(const Ipv6Address& address) const { return masked(address, length_) == network_; }

std::string Ipv6Prefix::to_string() const { return network_.to_string() + "/" + std::to_string(length_); }

}  // namespace hairpin
