#include "switch/vlan_filter.h"

namespace hairpin::l2 {

VlanFilter::VlanFilter(const VlanMembership& membership) {
    switch (membership.kind) {
        case VlanMembership::Kind::unaware: untagged_ = VlanId::none(); break;
        case VlanMembership::Kind::access: untagged_ = membership.access; break;
        case VlanMembership::Kind::trunk:
            for (const VlanId vlan : membership.tagged) tagged_.set(vlan.number());
            if (membership.native.tagged()) {
                untagged_ = membership.native;
                tagged_.set(membership.native.number());
            }
            break;
    }
}

}  // namespace hairpin::l2
