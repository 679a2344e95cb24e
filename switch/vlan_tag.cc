#include "switch/vlan_tag.h"

#include <cstring>

namespace hairpin::l2 {

namespace {
constexpr std::size_t kAddresses = 2 * sizeof(MacAddress);
constexpr std::uint16_t kPriorityMask = 0xf000;
}  // namespace

std::uint16_t pop_tag(Packet& packet) {
    std::byte* frame = packet.data();
    const auto& tag = *reinterpret_cast<const VlanTag*>(frame + sizeof(EthernetHeader));
    const auto priority = static_cast<std::uint16_t>(tag.control.value() & kPriorityMask);
    std::memmove(frame + sizeof(VlanTag), frame, kAddresses);
    packet.pop_front(sizeof(VlanTag));
    return priority;
}

void push_tag(Packet& packet, EtherType type, VlanId vlan, std::uint16_t priority) {
    std::byte* frame = packet.push_front(sizeof(VlanTag));
    std::memmove(frame, frame + sizeof(VlanTag), kAddresses);
    auto& header = *reinterpret_cast<EthernetHeader*>(frame);
    auto& tag = *reinterpret_cast<VlanTag*>(frame + sizeof(EthernetHeader));
    header.type = Be16{static_cast<std::uint16_t>(type)};
    tag.control = Be16{static_cast<std::uint16_t>(priority | vlan.number())};
}

}  // namespace hairpin::l2
