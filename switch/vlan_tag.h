#pragma once
// The tag of a VLAN, put into a frame and taken out of it. It stands between the addresses and the type, so the addresses move over it, or
// away from the type for it.
//
//   802.1Q, a customer's or anybody's   dst src 8100 prio+vlan type ...
//   802.1ad, a provider's               dst src 88a8 prio+vlan 8100 prio+vlan type ...      the customer's tag travels inside

#include <cstddef>
#include <cstdint>

#include "net/ethernet.h"
#include "net/packet.h"

namespace hairpin::l2 {

constexpr bool is_tag(EtherType type) { return type == EtherType::vlan || type == EtherType::qinq; }

// Takes the outermost tag off, which is there. Answers its priority where 802.1Q has it: bits 12 to 15.
std::uint16_t pop_tag(Packet& packet);
// Needs the headroom of a tag.
void push_tag(Packet& packet, EtherType type, VlanId vlan, std::uint16_t priority);

// The longest L3 packet that the link will see, of a super-packet one segment; tags that are still in the frame count.
inline std::size_t longest_l3(const Packet& packet) {
    const Offload& offload = packet.offload;
    const std::size_t frame =
        offload.segmentation == Segmentation::none ? packet.size() : std::size_t{offload.header_length} + offload.segment_size;
    return frame - sizeof(EthernetHeader);
}

}  // namespace hairpin::l2
