#pragma once
// VXLAN header, RFC 7348 §5: flags with the I bit, a 24-bit network identifier, and an Ethernet frame behind it.

#include "net/big_endian.h"
#include "net/numbers.h"

namespace hairpin {

struct VxlanHeader {
    static constexpr std::uint32_t kVniPresent = 0x0800'0000;

    Be32 flags;
    Be32 vni_and_reserved;  // the identifier stands in the upper 24 bits

    bool has_vni() const { return (flags.value() & kVniPresent) != 0; }
    Vni vni() const { return Vni{vni_and_reserved.value() >> 8}; }
};
static_assert(sizeof(VxlanHeader) == 8 && alignof(VxlanHeader) == 1);

}  // namespace hairpin
