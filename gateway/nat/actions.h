#pragma once
// The NAT actions, one row each: what it is called and on which side of the journey it is asked. A new action is a row here and
// a function from flow key to translation.

#include <array>
#include <string_view>

#include "gateway/nat/rule.h"

namespace hairpin::gateway {

enum class NatSide : std::uint8_t {
    destination,
    source
};  // before routing on the inbound, after the firewall on the outbound interface

struct NatActionRow {
    NatAction action;
    std::string_view name;
    NatSide side;
    bool translates;  // false: the rule exempts what it matches
};

inline constexpr auto kNatActions = std::to_array<NatActionRow>({
    {NatAction::snat, "snat", NatSide::source, true},
    {NatAction::dnat, "dnat", NatSide::destination, true},
    {NatAction::no_snat, "no-snat", NatSide::source, false},
    {NatAction::no_dnat, "no-dnat", NatSide::destination, false},
});

constexpr const NatActionRow& row_of(NatAction action) { return kNatActions[static_cast<std::size_t>(action)]; }
static_assert(row_of(NatAction::snat).action == NatAction::snat && row_of(NatAction::no_dnat).action == NatAction::no_dnat);

}  // namespace hairpin::gateway
