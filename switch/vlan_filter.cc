#include "switch/vlan_filter.h"

namespace hairpin::l2 {

VlanFilter::VlanFilter(const VlanMembership& membership) {
    switch (membership.kind) {
        case VlanMembership::Kind::unaware: untagged_ = VlanId::none(); break;
        case VlanMembership::Kind::access: untagged_ = membership.access; break;
        case VlanMembership::Kind::tunnel:
            untagged_ = membership.access;
            is_tunnel_ = true;
            break;
        case VlanMembership::Kind::trunk:
            for (const VlanId vlan : membership.tagged) tagged_.set(vlan.number());
            if (membership.native.tagged()) {
                untagged_ = membership.native;
                tagged_.set(membership.native.number());
            }
            if (membership.tags == VlanMembership::Tags::service) tag_type_ = EtherType::qinq;
            break;
    }
    sees_tags_inside_ = is_tunnel_ || tag_type_ == EtherType::qinq;
}

// Where more than one tag is about, or may be.
VlanFilter::Admission VlanFilter::admit_tags(const EthernetView& frame, const Packet& packet) const {
    if (is_tunnel_) return {untagged_, {}, false, frame.tagged() || is_tag(frame.ether_type())};
    if (tag_type_ == EtherType::vlan) {
        // A tag within a tag would come out in the inner VLAN behind the next switch; a service tag alone is some other type to us.
        if (frame.tagged()) return {std::nullopt, DropReason::vlan_illegal};
        return {untagged_, DropReason::vlan_not_allowed, false, true};
    }
    if (frame.tagged()) return {};  // a customer's tag without a service tag around it is nobody's
    if (frame.ether_type() != EtherType::qinq) return {untagged_, DropReason::vlan_not_allowed};
    if (packet.size() < sizeof(EthernetHeader) + sizeof(VlanTag)) return {std::nullopt, DropReason::runt};
    const auto& tag = *reinterpret_cast<const VlanTag*>(packet.data() + sizeof(EthernetHeader));
    if (tag.vlan_number() > VlanId::kLargest || tag.ether_type() == EtherType::qinq)
        return {std::nullopt, DropReason::vlan_illegal};
    const bool inside = tag.ether_type() == EtherType::vlan;
    if (tag.vlan_number() == 0) return {inside ? std::nullopt : untagged_, DropReason::vlan_not_allowed, true, false};
    const VlanId vlan{tag.vlan_number()};
    return {tagged_[vlan.number()] ? std::optional{vlan} : std::nullopt, DropReason::vlan_not_allowed, true, inside};
}

std::optional<VlanId> VlanFilter::first_vlan() const {
    if (untagged_) return untagged_;
    for (std::size_t vlan = 1; vlan <= VlanId::kLargest; ++vlan)
        if (tagged_[vlan]) return VlanId{static_cast<std::uint16_t>(vlan)};
    return std::nullopt;
}

}  // namespace hairpin::l2
