#pragma once
// DCCP's generic header, RFC 4340 §5.1, as far as every packet has it. The checksum stands where UDP's does, and covers the pseudo-header,
// the header, and of what follows as much as the checksum coverage says.

#include "net/big_endian.h"

namespace hairpin {

enum class DccpType : std::uint8_t {
    request = 0,
    response = 1,
    data = 2,
    ack = 3,
    data_ack = 4,
    close_request = 5,
    close = 6,
    reset = 7,
    sync = 8,
    sync_ack = 9,
    listen = 10,  // RFC 5596: a server behind a NAT opens the way for its client
};

struct DccpHeader {
    Be16 source_port;
    Be16 destination_port;
    std::uint8_t data_offset = 4;  // of what is carried, in 32-bit words
    std::uint8_t counter_and_coverage = 0;
    Be16 checksum;
    std::uint8_t type_and_extended = 1;
    std::uint8_t sequence[3] = {};  // of an extended header the next 32 bits as well

    DccpType type() const { return static_cast<DccpType>(type_and_extended >> 1 & 0xf); }
    bool extended() const { return (type_and_extended & 1) != 0; }
    std::size_t generic_length() const { return extended() ? 16 : 12; }
};
static_assert(sizeof(DccpHeader) == 12 && alignof(DccpHeader) == 1);

}  // namespace hairpin
