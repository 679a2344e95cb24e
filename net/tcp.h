#pragma once
// TCP header, RFC 9293. Options follow it up to header_length() bytes.

#include "net/big_endian.h"
#include "net/numbers.h"

namespace hairpin {

struct TcpHeader {
    static constexpr std::uint8_t kFin = 0x01;
    static constexpr std::uint8_t kSyn = 0x02;
    static constexpr std::uint8_t kRst = 0x04;
    static constexpr std::uint8_t kPsh = 0x08;
    static constexpr std::uint8_t kAck = 0x10;

    Be16 source_port;
    Be16 destination_port;
    Be32 sequence;
    Be32 acknowledgment;
    std::uint8_t data_offset_and_reserved = 0x50;
    std::uint8_t flags = 0;
    Be16 window;
    Be16 checksum;
    Be16 urgent_pointer;

    std::size_t header_length() const { return std::size_t{4} * (data_offset_and_reserved >> 4); }
    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(TcpHeader) == 20 && alignof(TcpHeader) == 1);

}  // namespace hairpin
