#pragma once
// UDP header, RFC 768. A zero checksum means "none was computed" (IPv4 only), so a computed zero travels as 0xffff.

#include "net/big_endian.h"
#include "net/numbers.h"

namespace hairpin {

struct UdpHeader {
    Be16 source_port;
    Be16 destination_port;
    Be16 length;  // header and payload
    Be16 checksum;
};
static_assert(sizeof(UdpHeader) == 8 && alignof(UdpHeader) == 1);

}  // namespace hairpin
