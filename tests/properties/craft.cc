#include "tests/properties/craft.h"

#include <algorithm>

namespace hairpin::testing::plain {

namespace {

constexpr std::uint32_t kMark = 0x48706e23;  // "Hpn#"

void append_byte(Bytes& bytes, unsigned value) { bytes.push_back(static_cast<std::byte>(value & 0xff)); }
void append_word(Bytes& bytes, unsigned value) { append_byte(bytes, value >> 8), append_byte(bytes, value); }
void append_long(Bytes& bytes, std::uint32_t value) { append_word(bytes, value >> 16), append_word(bytes, value & 0xffff); }
void append(Bytes& bytes, View more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

// The header, its checksum still zero.
Bytes l4_header(const Words& words, std::size_t payload) {
    Bytes l4;
    const Ends& ends = words.ends;
    if (ends.protocol != kIcmp && ends.protocol != kGre && ends.protocol != kEsp)
        append_word(l4, ends.source_port), append_word(l4, ends.destination_port);
    switch (ends.protocol) {
        case kTcp:
            append_long(l4, words.tcp.sequence), append_long(l4, words.tcp.acknowledgment);
            append_byte(l4, 0x80), append_byte(l4, words.tcp.flags), append_word(l4, words.tcp.window);
            append_long(l4, 0);
            append_long(l4, 0x0101'080a), append_long(l4, words.id), append_long(l4, words.sequence);  // RFC 7323 timestamps
            break;
        case kUdp: append_word(l4, static_cast<unsigned>(8 + payload)), append_word(l4, 0); break;
        case kUdpLite: append_word(l4, words.coverage), append_word(l4, 0); break;
        case kDccp:  // Request or Response, with a service code
            append_byte(l4, 5), append_byte(l4, words.coverage), append_word(l4, 0);
            append_byte(l4, words.icmp_type << 1 | 1), append_byte(l4, 0), append_word(l4, 0), append_long(l4, words.sequence);
            append_long(l4, 0x6869'6821);
            break;
        case kIcmp:
            append_byte(l4, words.icmp_type), append_byte(l4, 0), append_word(l4, 0);
            append_word(l4, ends.source_port), append_word(l4, words.sequence);
            break;
        case kSctp:  // INIT or INIT ACK
            append_long(l4, words.icmp_type == 1 ? 0 : words.tag), append_long(l4, 0);
            append_byte(l4, words.icmp_type), append_byte(l4, 0), append_word(l4, static_cast<unsigned>(20 + payload));
            append_long(l4, words.tag), append_long(l4, 65536), append_word(l4, 1), append_word(l4, 1), append_long(l4, 7);
            break;
        case kGre: append_word(l4, 0x2000), append_word(l4, 0x0800), append_long(l4, words.tag); break;
        case kEsp: append_long(l4, words.tag), append_long(l4, words.sequence); break;
        default: break;
    }
    return l4;
}

// SCTP's, a bit at a time (RFC 9260 appendix A).
void write_crc32c(std::span<std::byte> l4) {
    std::uint32_t crc = ~0U;
    for (const std::byte byte : l4) {
        crc ^= std::to_integer<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f6'3b78U : crc >> 1;
    }
    for (std::size_t i = 0; i < 4; ++i) put_byte(l4, 8 + i, ~crc >> (8 * i) & 0xff);
}

std::size_t covered(const Words& words, std::size_t l4) {
    if (words.ends.protocol == kUdpLite && words.coverage != 0) return std::min<std::size_t>(words.coverage, l4);
    if (words.ends.protocol == kDccp && words.coverage != 0) return std::min(std::size_t{20} + 4 * (words.coverage - 1), l4);
    return l4;
}

Bytes ipv4(const Words& words, View l4) {
    Bytes l3;
    append_byte(l3, 0x45 + static_cast<unsigned>(words.options.size()) / 4), append_byte(l3, words.tos);
    append_word(l3, static_cast<unsigned>(20 + words.options.size() + l4.size()));
    append_word(l3, words.id), append_word(l3, words.dont_fragment ? 0x4000 : 0);
    append_byte(l3, words.ttl), append_byte(l3, words.ends.protocol), append_word(l3, 0);
    append_long(l3, words.ends.source), append_long(l3, words.ends.destination);
    append(l3, words.options);
    append(l3, l4);
    write_header_checksum(l3);
    return l3;
}

}  // namespace

Bytes marked_payload(std::uint32_t number, std::size_t length) {
    Bytes payload(length);
    std::uint64_t state = number;
    for (std::size_t i = 8; i < length; ++i) {
        if (i % 8 == 0) state = state * 6364136223846793005U + 1442695040888963407U;
        payload[i] = static_cast<std::byte>(state >> (8 * (i % 8)) & 0xff);
    }
    put_long(payload, 0, kMark), put_long(payload, 4, number);
    if (length < 8)
        for (std::size_t i = 0; i < length; ++i) payload[i] = static_cast<std::byte>(number >> (i % 4 * 8) & 0xff);
    return payload;
}

std::optional<std::uint32_t> mark_of(View payload) {
    if (payload.size() < 8 || long_at(payload, 0) != kMark) return std::nullopt;
    return long_at(payload, 4);
}

Bytes craft(const Words& words, View payload, L4Checksum checksum) {
    Bytes l4 = l4_header(words, payload.size());
    append(l4, payload);
    Bytes l3 = ipv4(words, l4);
    const auto packet = read_packet(l3);
    const auto bytes = std::span{l3}.subspan(packet->header);
    if (words.ends.protocol == kSctp) write_crc32c(bytes);
    const auto place = packet->checksum_place();
    if (!place || checksum == L4Checksum::none) return l3;
    Sum sum = packet->pseudo_header(l4.size());
    if (checksum == L4Checksum::partial) {
        put_word(bytes, *place, sum.value());
        return l3;
    }
    unsigned right = sum.add(bytes.first(covered(words, l4.size()))).complement();
    const bool never_zero = words.ends.protocol == kUdp || words.ends.protocol == kUdpLite;
    if (right == 0 && never_zero) right = 0xffff;
    // Wrong by some other than 0 and 0xffff, which is the same; and not as if there were none.
    const unsigned wrong = (right ^ (0x1111 + (words.id & 0xfff))) & 0xffff;
    put_word(bytes, *place,
             checksum == L4Checksum::wrong ? (wrong == 0 || same_sum(wrong, right) ? right ^ 0x0700 : wrong) : right);
    return l3;
}

Bytes craft_error(std::uint32_t source, std::uint32_t destination, unsigned type, unsigned code, std::uint32_t rest, View quote) {
    Bytes l4;
    append_byte(l4, type), append_byte(l4, code), append_word(l4, 0), append_long(l4, rest);
    append(l4, quote);
    put_word(l4, 2, Sum{}.add(l4).complement());
    return ipv4({.ends = {kIcmp, source, destination}, .id = rest & 0xffff}, l4);
}

Bytes framed(View l3, std::uint64_t from_mac, std::uint64_t to_mac, unsigned vlan) {
    Bytes frame;
    append_word(frame, static_cast<unsigned>(to_mac >> 32)), append_long(frame, static_cast<std::uint32_t>(to_mac));
    append_word(frame, static_cast<unsigned>(from_mac >> 32)), append_long(frame, static_cast<std::uint32_t>(from_mac));
    if (vlan != 0) append_word(frame, kVlanType), append_word(frame, vlan);
    append_word(frame, kIpv4Type);
    append(frame, l3);
    return frame;
}

}  // namespace hairpin::testing::plain
