#include "net/checksum.h"

#include <cstring>

namespace hairpin {

ChecksumSum& ChecksumSum::add(std::span<const std::byte> data) {
    const std::byte* at = data.data();
    std::size_t left = data.size();
    std::uint64_t low = 0, high = 0;
    // 32-bit words into 64-bit sums cannot overflow before 2^32 words; two sums let two additions run side by side.
    for (; left >= 16; at += 16, left -= 16) {
        std::uint32_t words[4];
        std::memcpy(words, at, 16);
        low += std::uint64_t{words[0]} + words[1];
        high += std::uint64_t{words[2]} + words[3];
    }
    for (; left >= 2; at += 2, left -= 2) {
        std::uint16_t word;
        std::memcpy(&word, at, 2);
        low += word;
    }
    if (left == 1) low += static_cast<std::uint8_t>(*at);  // the odd byte is the high one on the wire, the low one in memory
    sum_ += low + high;
    return *this;
}

ChecksumSum pseudo_header_sum(Ipv4Address source, Ipv4Address destination, IpProtocol protocol, std::size_t length) {
    return ChecksumSum{}
        .add(source)
        .add(destination)
        .add(Be16{static_cast<std::uint8_t>(protocol)})
        .add(Be16{static_cast<std::uint16_t>(length)});
}

ChecksumSum pseudo_header_sum(const Ipv6Address& source, const Ipv6Address& destination, IpProtocol protocol,
                              std::size_t length) {
    return ChecksumSum{}
        .add(std::as_bytes(std::span{source.bytes()}))
        .add(std::as_bytes(std::span{destination.bytes()}))
        .add(Be32{static_cast<std::uint32_t>(length)})
        .add(Be32{static_cast<std::uint8_t>(protocol)});
}

}  // namespace hairpin
