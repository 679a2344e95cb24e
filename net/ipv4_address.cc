#include "net/ipv4_address.h"

#include "net/numbers.h"

namespace hairpin {

namespace {
struct AddressAndLength {
    Ipv4Address address;
    unsigned length;
};

std::optional<AddressAndLength> split_prefix(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = Ipv4Address::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return AddressAndLength{*address, 32};
    const auto length = parse_number(text.substr(slash + 1), 32);
    if (!length) return std::nullopt;
    return AddressAndLength{*address, static_cast<unsigned>(*length)};
}
}  // namespace

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
    std::uint32_t number = 0;
    for (int part = 0; part < 4; ++part) {
        const auto dot = part < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos) return std::nullopt;
        const auto digits = text.substr(0, dot);
        if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
        const auto value = parse_number(digits, 255);
        if (!value) return std::nullopt;
        number = number << 8 | static_cast<std::uint32_t>(*value);
        text.remove_prefix(part < 3 ? dot + 1 : dot);
    }
    return Ipv4Address{number};
}

std::string Ipv4Address::to_string() const {
    const std::uint32_t n = number();
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string(n >> shift & 0xff);
        if (shift > 0) text += '.';
    }
    return text;
}

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) {
    const auto parts = split_prefix(text);
    if (!parts) return std::nullopt;
    const Ipv4Prefix prefix{parts->address, parts->length};
    if (prefix.network() != parts->address) return std::nullopt;
    return prefix;
}

std::string Ipv4Prefix::to_string() const { return network_.to_string() + "/" + std::to_string(length_); }

std::optional<Ipv4InterfaceAddress> Ipv4InterfaceAddress::parse(std::string_view text) {
    const auto parts = split_prefix(text);
    if (!parts || text.find('/') == std::string_view::npos) return std::nullopt;
    return Ipv4InterfaceAddress{parts->address, Ipv4Prefix{parts->address, parts->length}};
}

std::string Ipv4InterfaceAddress::to_string() const { return address.to_string() + "/" + std::to_string(subnet.length()); }

}  // namespace hairpin
