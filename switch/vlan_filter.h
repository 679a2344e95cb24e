#pragma once
// Which frames a port admits, and how it sends them: VlanMembership worked out once, so that a packet costs one comparison or
// one bit.
//
// A trunk admits its native VLAN tagged as well as untagged, and sends it untagged. A frame with a priority tag (VLAN 0) is an
// untagged one (IEEE 802.1Q 6.9.1).

#include <bitset>
#include <optional>

#include "net/frame_view.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class VlanFilter {
public:
    explicit VlanFilter(const VlanMembership& membership);

    // The VLAN that the frame is in (none() in an untagged LAN), or nothing when the port does not admit it.
    std::optional<VlanId> admit(const EthernetView& frame) const {
        if (frame.vlan().tagged()) return tagged_[frame.vlan().number()] ? std::optional{frame.vlan()} : std::nullopt;
        return untagged_;
    }
    bool carries(VlanId vlan) const { return untagged_ == vlan || tagged_[vlan.number()]; }
    bool sends_tagged(VlanId vlan) const { return untagged_ != vlan; }

private:
    std::optional<VlanId> untagged_;            // what untagged frames are in, if they are admitted
    std::bitset<VlanId::kLargest + 1> tagged_;  // what may arrive with a tag
};

}  // namespace hairpin::l2
