#include "gateway/nat/hairpin.h"

#include "gateway/nat/actions.h"

namespace hairpin::gateway {

namespace {

InterfaceSet inside_of(const Ruleset& ruleset) {
    InterfaceSet inside;
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        if (ruleset.interfaces[i].present() && ruleset.interfaces[i].role == InterfaceRole::internal) inside.set(i);
    return inside;
}

// Whether all of `inner` is in `outer`; none is everything.
template <class Range>
bool holds(const std::optional<Range>& outer, const std::optional<Range>& inner) {
    return !outer || (inner && outer->contains(inner->first) && outer->contains(inner->last));
}

// Whether a written rule takes everything that this one would on an interface: the guide's form, a rule for each side.
bool takes_all(const NatRule& other, const NatRule& rule) {
    if (!other.peer_addresses.empty() || !other.peer_ports.empty() || !other.original_parts.empty()) return false;
    if (other.protocol != IpProtocol::any && other.protocol != rule.protocol) return false;
    if (other.icmp_type && other.icmp_type != rule.icmp_type) return false;
    return holds(other.original_address, rule.original_address) && holds(other.original_port, rule.original_port);
}

// The written rules that are asked on the inside, where they could speak for a derived one.
std::vector<const NatRule*> written_inside(const Ruleset& ruleset, const InterfaceSet& inside) {
    std::vector<const NatRule*> rules;
    for (const NatRule& rule : ruleset.nat)
        if (rule.enabled && row_of(rule.action).side == NatSide::destination && (rule.applied_on & inside).any())
            rules.push_back(&rule);
    return rules;
}

// The interfaces on which one of them does.
InterfaceSet spoken_for(const NatRule& rule, const std::vector<const NatRule*>& others) {
    InterfaceSet interfaces;
    for (const NatRule* other : others)
        if (takes_all(*other, rule)) interfaces |= other->applied_on;
    return interfaces;
}

}  // namespace

std::optional<InterfaceId> outside_of(const NatRule& rule, const Ruleset& ruleset) {
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        if (rule.applied_on.test(i) && ruleset.interfaces[i].present() && ruleset.interfaces[i].role == InterfaceRole::uplink)
            return static_cast<InterfaceId>(i);
    return std::nullopt;
}

std::vector<NatRule> derived_hairpins(const Ruleset& ruleset) {
    const InterfaceSet inside = inside_of(ruleset);
    const std::vector<const NatRule*> others = written_inside(ruleset, inside);
    std::vector<NatRule> derived;
    for (const NatRule& rule : ruleset.nat) {
        if (!rule.enabled || rule.action != NatAction::dnat || rule.hairpin == HairpinMode::off) continue;
        const InterfaceSet where = inside & ~rule.applied_on & ~spoken_for(rule, others);
        if (where.none()) continue;
        NatRule hairpin = rule;
        hairpin.applied_on = where;
        hairpin.derived = true;
        hairpin.outside = outside_of(rule, ruleset);
        hairpin.text.description = std::string{name_of(rule.hairpin)} + ", from " + std::to_string(rule.id);
        hairpin.text.applied_on = "internal";
        derived.push_back(std::move(hairpin));
    }
    return derived;
}

}  // namespace hairpin::gateway
