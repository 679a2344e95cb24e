#include "tests/support/other_protocols.h"

namespace hairpin::testing {

namespace {

void put8(Bytes& bytes, unsigned value) { bytes.push_back(static_cast<std::byte>(value)); }
void put16(Bytes& bytes, unsigned value) { put8(bytes, value >> 8 & 0xff), put8(bytes, value & 0xff); }
void put32(Bytes& bytes, std::uint32_t value) { put16(bytes, value >> 16), put16(bytes, value & 0xffff); }

void carry(Bytes& bytes) {
    for (unsigned i = 0; i < 20; ++i) put8(bytes, 0xa0 + i);
}

// RFC 9260 appendix A, while the field is zero.
std::uint32_t crc32c(const Bytes& bytes) {
    std::uint32_t crc = 0xffff'ffff;
    for (const std::byte byte : bytes)
        for (unsigned bit = 0; bit < 8; ++bit) {
            const bool low = ((crc ^ std::to_integer<std::uint32_t>(byte) >> bit) & 1) != 0;
            crc = crc >> 1 ^ (low ? 0x82f6'3b78 : 0);
        }
    return ~crc;
}

}  // namespace

Bytes sctp(const SctpWords& words) {
    Bytes bytes;
    put16(bytes, words.source_port), put16(bytes, words.destination_port);
    put32(bytes, words.tag);
    put32(bytes, 0);
    put8(bytes, static_cast<unsigned>(words.chunk)), put8(bytes, words.flags), put16(bytes, 24);
    put32(bytes, words.initiate_tag);
    for (unsigned i = 0; i < 4; ++i) put32(bytes, 0x0102'0304 * i);
    const std::uint32_t crc = crc32c(bytes);
    for (unsigned i = 0; i < 4; ++i) bytes[8 + i] = static_cast<std::byte>(crc >> (8 * i) & 0xff);
    return bytes;
}

Bytes gre(std::uint32_t key) {
    Bytes bytes;
    put16(bytes, 0x2000), put16(bytes, 0x0800), put32(bytes, key);
    carry(bytes);
    return bytes;
}

Bytes gre_with_checksum(std::uint32_t key) {
    Bytes bytes;
    put16(bytes, 0xa000), put16(bytes, 0x0800), put32(bytes, 0x1234'0000), put32(bytes, key);
    carry(bytes);
    return bytes;
}

Bytes gre_without_key() {
    Bytes bytes;
    put16(bytes, 0), put16(bytes, 0x0800);
    carry(bytes);
    return bytes;
}

Bytes enhanced_gre(unsigned call_id, std::uint32_t sequence) {
    Bytes bytes;
    put16(bytes, 0x3001), put16(bytes, 0x880b), put16(bytes, 20), put16(bytes, call_id), put32(bytes, sequence);
    carry(bytes);
    return bytes;
}

Bytes esp(std::uint32_t spi, std::uint32_t sequence) {
    Bytes bytes;
    put32(bytes, spi), put32(bytes, sequence);
    carry(bytes);
    return bytes;
}

Bytes ah(std::uint32_t spi) {
    Bytes bytes;
    put16(bytes, 0x0604), put16(bytes, 0), put32(bytes, spi), put32(bytes, 1);
    carry(bytes);
    return bytes;
}

}  // namespace hairpin::testing
