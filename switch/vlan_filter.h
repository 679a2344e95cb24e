#pragma once
// Which frames a port admits, and how it sends them: VlanMembership worked out once, so that a packet costs one comparison or
// one bit.
//
// A trunk admits its native VLAN tagged as well as untagged, and sends it untagged. A frame with a priority tag (VLAN 0) is an
// untagged one (IEEE 802.1Q 6.9.1).
//
// Between providers' switches a frame has a service tag (802.1ad, EtherType 0x88a8), within which a customer's own tag travels:
//
//   customer ── 8100:7 ──► tunnel 100 ══ 88a8:100 8100:7 ══► tunnel 100 ── 8100:7 ──► customer's other site
//
// A tunnel port takes what its customer sends, tagged or not, as it is; a trunk of service tags carries it. What has a customer's tag
// inside leaves only by these two: anywhere else the tag would come out in a VLAN that is not the customer's ("VLAN hopping").

#include <bitset>
#include <optional>

#include "net/drop_reason.h"
#include "net/frame_view.h"
#include "switch/settings.h"
#include "switch/vlan_tag.h"

namespace hairpin::l2 {

class VlanFilter {
public:
    explicit VlanFilter(const VlanMembership& membership);

    struct Admission {
        std::optional<VlanId> vlan = {};  // that the frame is in, none() in an untagged LAN; nothing: not admitted
        DropReason refusal = DropReason::vlan_not_allowed;  // then
        bool tagged = false;                                // by a tag that says so, and comes off
        bool tag_inside = false;                            // another one, which stays
    };
    Admission admit(const EthernetView& frame, const Packet& packet) const {
        if (sees_tags_inside_ || is_tag(frame.ether_type())) return admit_tags(frame, packet);
        const VlanId vlan = frame.vlan();
        return {vlan.tagged() && !tagged_[vlan.number()] ? std::nullopt
                : vlan.tagged()                          ? std::optional{vlan}
                                                         : untagged_,
                DropReason::vlan_not_allowed, frame.tagged(), false};
    }
    bool carries(VlanId vlan) const { return untagged_ == vlan || tagged_[vlan.number()]; }
    bool sends_tagged(VlanId vlan) const { return untagged_ != vlan; }
    // Whether a frame of this VLAN, which it carries, may leave with another tag inside.
    bool keeps_tags_inside(VlanId vlan) const {
        return is_tunnel_ || !vlan.tagged() || (tag_type_ == EtherType::qinq && sends_tagged(vlan));
    }
    EtherType tag_type() const { return tag_type_; }
    // Every VLAN that it carries: `visit(VlanId)`; none() is the untagged LAN.
    template <class Visit>
    void for_each_vlan(Visit&& visit) const {
        if (untagged_) visit(*untagged_);
        for (std::size_t vlan = 1; vlan <= VlanId::kLargest; ++vlan)
            if (tagged_[vlan] && untagged_ != VlanId{static_cast<std::uint16_t>(vlan)})
                visit(VlanId{static_cast<std::uint16_t>(vlan)});
    }
    // That of its untagged frames, or else the lowest; nothing where it carries none.
    std::optional<VlanId> first_vlan() const;

private:
    Admission admit_tags(const EthernetView& frame, const Packet& packet) const;

    std::optional<VlanId> untagged_;        // what untagged frames are in, if they are admitted
    EtherType tag_type_ = EtherType::vlan;  // of what it sends tagged
    bool is_tunnel_ = false;
    bool sees_tags_inside_ = false;             // a tunnel, or a trunk of service tags
    std::bitset<VlanId::kLargest + 1> tagged_;  // what may arrive with a tag
};

}  // namespace hairpin::l2
