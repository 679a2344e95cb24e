#pragma once
// Ethernet II header (IEEE 802.3) and the 802.1Q tag that may follow its addresses.

#include "net/big_endian.h"
#include "net/mac_address.h"
#include "net/numbers.h"

namespace hairpin {

struct EthernetHeader {
    MacAddress destination;
    MacAddress source;
    Be16 type;
    EtherType ether_type() const { return static_cast<EtherType>(type.value()); }
};
static_assert(sizeof(EthernetHeader) == 14 && alignof(EthernetHeader) == 1);

// What stands between the source address and the real type: 0x8100, priority (3 bits), drop eligible (1), VLAN (12), type.
struct VlanTag {
    Be16 control;
    Be16 type;
    std::uint16_t vlan_number() const { return control.value() & 0x0fff; }
    EtherType ether_type() const { return static_cast<EtherType>(type.value()); }
};
static_assert(sizeof(VlanTag) == 4 && alignof(VlanTag) == 1);

}  // namespace hairpin
