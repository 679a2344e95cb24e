#include "net/mac_address.h"

namespace hairpin {

namespace {
int hexadecimal(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
constexpr char kDigits[] = "0123456789abcdef";
}  // namespace

MacAddress MacAddress::from_name(std::string_view name) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;  // FNV-1a: stable across runs and machines, which a keyed hash is not
    for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01b3;
    hash ^= hash >> 40;
    return from_number((hash & 0x00ff'ffff'ffff) | 0x0200'0000'0000);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    if (text.size() != 17) return std::nullopt;
    Bytes bytes;
    for (std::size_t i = 0; i < 6; ++i) {
        const int high = hexadecimal(text[3 * i]), low = hexadecimal(text[3 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        if (i < 5 && text[3 * i + 2] != ':' && text[3 * i + 2] != '-') return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return MacAddress{bytes};
}

std::string MacAddress::to_string() const {
    std::string text;
    for (const std::uint8_t byte : bytes_) {
        if (!text.empty()) text += ':';
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xf];
    }
    return text;
}

}  // namespace hairpin
