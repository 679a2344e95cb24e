#include "tests/properties/plain_packet.h"

#include <algorithm>

namespace hairpin::testing::plain {

std::string hex(View bytes) {
    constexpr std::size_t kMost = 2048;
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < std::min(bytes.size(), kMost); ++i) {
        text += kDigits[byte_at(bytes, i) >> 4];
        text += kDigits[byte_at(bytes, i) & 0xf];
        text += (i + 1) % 32 == 0 ? '\n' : ' ';
    }
    if (bytes.size() > kMost) text += "... (" + std::to_string(bytes.size()) + " bytes)";
    return text;
}

std::string address_text(std::uint32_t address) {
    return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 0xff) + "." +
           std::to_string(address >> 8 & 0xff) + "." + std::to_string(address & 0xff);
}

std::string to_string(Standing standing) {
    switch (standing) {
        case Standing::right: return "right";
        case Standing::none: return "none";
        case Standing::wrong: return "wrong";
        case Standing::unknown: return "unknown";
    }
    return "";
}

std::string Ends::to_string() const {
    return "protocol " + std::to_string(protocol) + " " + address_text(source) + ":" + std::to_string(source_port) + " -> " +
           address_text(destination) + ":" + std::to_string(destination_port);
}

namespace {

std::uint64_t mac_at(View bytes, std::size_t at) { return std::uint64_t{word_at(bytes, at)} << 32 | long_at(bytes, at + 2); }

bool has_ports(unsigned protocol) {
    return protocol == kTcp || protocol == kUdp || protocol == kUdpLite || protocol == kDccp || protocol == kSctp;
}

bool is_query(unsigned type) { return type == 0 || type == 8 || (type >= 13 && type <= 18); }

// CRC32c, RFC 9260 appendix A, a bit at a time, while the field counts as zero.
std::uint32_t crc32c(View l4) {
    std::uint32_t crc = 0xffff'ffff;
    for (std::size_t i = 0; i < l4.size(); ++i) {
        crc ^= i >= 8 && i < 12 ? 0U : byte_at(l4, i);
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f6'3b78U : crc >> 1;
    }
    return ~crc;
}

// What the checksum covers: RFC 3828 §3.1 and RFC 4340 §9.2 leave data out.
std::size_t covered(View l4, unsigned protocol) {
    std::size_t length = l4.size();
    if (protocol == kUdpLite && word_at(l4, 4) != 0) length = word_at(l4, 4);
    if (protocol == kDccp && (byte_at(l4, 5) & 0xf) != 0) length = std::size_t{4} * (byte_at(l4, 4) + (byte_at(l4, 5) & 0xf) - 1);
    return std::min(length, l4.size());
}

}  // namespace

std::optional<Frame> read_frame(View bytes) {
    if (bytes.size() < 14) return std::nullopt;
    Frame frame{mac_at(bytes, 0), mac_at(bytes, 6), {}, word_at(bytes, 12), 14};
    if (frame.type != kVlanType) return frame;
    if (bytes.size() < 18) return std::nullopt;
    frame.vlan = word_at(bytes, 14) & 0xfff;
    frame.type = word_at(bytes, 16);
    frame.l3 = 18;
    return frame;
}

std::optional<Packet> read_packet(View l3) {
    Packet packet;
    packet.header = std::size_t{4} * (byte_at(l3, 0) & 0xf);
    packet.total = word_at(l3, 2);
    if (l3.size() < 20 || byte_at(l3, 0) >> 4 != 4 || packet.header < 20 || packet.header > l3.size() ||
        packet.total < packet.header)
        return std::nullopt;
    packet.bytes = l3.first(std::min(l3.size(), packet.total));
    packet.flags_and_offset = word_at(l3, 6);
    packet.ttl = byte_at(l3, 8);
    packet.protocol = byte_at(l3, 9);
    packet.ends = {packet.protocol, long_at(l3, 12), long_at(l3, 16), 0, 0};
    if (packet.offset() != 0) return packet;
    const View l4 = packet.l4();
    if (has_ports(packet.protocol)) packet.ends.source_port = word_at(l4, 0), packet.ends.destination_port = word_at(l4, 2);
    if (packet.icmp_query()) packet.ends.source_port = packet.ends.destination_port = word_at(l4, 4);
    return packet;
}

bool Packet::icmp_query() const { return protocol == kIcmp && offset() == 0 && is_query(byte_at(l4(), 0)); }
bool Packet::icmp_error() const {
    const unsigned type = byte_at(l4(), 0);
    return protocol == kIcmp && offset() == 0 && (type == 3 || type == 11 || type == 12);
}

Sum Packet::pseudo_header(std::size_t l4_length) const {
    Sum sum;
    if (protocol != kIcmp) sum.add(bytes.subspan(12, 8)).add_word(protocol).add_word(static_cast<unsigned>(l4_length & 0xffff));
    return sum;
}

std::optional<std::size_t> Packet::checksum_place() const {
    switch (protocol) {
        case kTcp: return 16;
        case kUdp:
        case kUdpLite:
        case kDccp: return 6;
        case kIcmp: return 2;
        default: return std::nullopt;
    }
}

std::size_t Packet::l4_header() const {
    switch (protocol) {
        case kTcp: return std::size_t{4} * (byte_at(l4(), 12) >> 4);
        case kDccp: return std::size_t{4} * byte_at(l4(), 4);
        case kSctp: return 32;  // with the first chunk's own, of an INIT
        default: return 8;
    }
}

Standing Packet::l4_standing() const {
    if (fragment() || !whole()) return Standing::unknown;
    if (protocol == kSctp) {
        const std::uint32_t crc = crc32c(l4()), swapped = crc >> 24 | (crc >> 8 & 0xff00) | (crc << 8 & 0xff'0000) | crc << 24;
        return long_at(l4(), 8) == swapped ? Standing::right : Standing::wrong;
    }
    const auto place = checksum_place();
    if (!place) return Standing::unknown;
    if (l4().size() < *place + 2) return Standing::wrong;
    if (word_at(l4(), *place) == 0) {
        if (protocol == kUdp) return Standing::none;
        if (protocol == kUdpLite) return Standing::wrong;
    }
    return pseudo_header(l4().size()).add(l4().first(covered(l4(), protocol))).holds() ? Standing::right : Standing::wrong;
}

void write_ends(std::span<std::byte> l3, const Ends& ends) {
    const auto packet = read_packet(l3);
    if (!packet) return;
    put_long(l3, 12, ends.source), put_long(l3, 16, ends.destination);
    if (packet->offset() != 0) return;
    const auto l4 = l3.subspan(packet->header);
    if (has_ports(packet->protocol) && packet->protocol != kSctp)
        put_word(l4, 0, ends.source_port), put_word(l4, 2, ends.destination_port);
    if (packet->icmp_query()) put_word(l4, 4, ends.source_port);
}

void write_header_checksum(std::span<std::byte> l3) {
    put_word(l3, 10, 0);
    const std::size_t header = std::size_t{4} * (byte_at(l3, 0) & 0xf);
    put_word(l3, 10, Sum{}.add(l3.first(std::min(header, l3.size()))).complement());
}

}  // namespace hairpin::testing::plain
