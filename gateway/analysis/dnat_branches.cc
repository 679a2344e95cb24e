#include "gateway/analysis/dnat_branches.h"

#include "gateway/analysis/packets.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway::analysis {

namespace {

Box packets_matching(const NatRule& rule, const IntervalSet& interfaces) {
    Box box = Box::everything();
    box[Field::inbound] = set_of(rule.applied_on).intersected(interfaces);
    box[Field::kind] = kinds_of(rule.protocol, rule.icmp_type);
    box[Field::source] = set_or_all(rule.peer_addresses);
    box[Field::source_port] = set_or_all(rule.peer_ports);
    box[Field::destination] = originals_of(rule);
    if (rule.original_port) box[Field::destination_port] = set_of(*rule.original_port);
    return box;
}

// Those that hairpin modes have derived are asked behind all others.
const NatRule& rule_at(const Ruleset& ruleset, std::size_t position) {
    return position < ruleset.nat.size() ? ruleset.nat[position] : ruleset.derived_nat[position - ruleset.nat.size()];
}

// As translate_destination() maps: n to n where the ranges are equally long; a single target takes all.
template <class Range>
Mapping mapping(const std::optional<Range>& from, const std::optional<Range>& to) {
    if (!to) return {};
    const std::int64_t first = to->first.number();
    if (from && !to->single() && from->span() == to->span()) return {std::nullopt, first - from->first.number()};
    return {static_cast<std::uint32_t>(first), 0};
}

// Appends a branch. A port is no part of ICMP, so of a rule for every protocol ICMP takes a way of its own.
void add_branches(const NatRule& rule, const NatTarget* target, const std::vector<Box>& packets,
                  std::vector<DnatBranch>& branches) {
    const auto address = target == nullptr ? rule.translated_address : AddressRange{target->address, target->address};
    DnatBranch plain{&rule, target, {}, {}, mapping(rule.original_address, address), {}};
    DnatBranch ported = plain;
    ported.port = mapping(rule.original_port, target == nullptr ? rule.translated_port : target->port);
    for (const Box& box : packets) {
        const Box icmp = box.limited(Field::kind, icmp_kinds());
        if (!icmp.empty()) plain.packets.push_back(icmp);
        Box other = box;
        other[Field::kind] = box[Field::kind].without(icmp_kinds());
        if (!other.empty()) ported.packets.push_back(std::move(other));
    }
    if (!plain.packets.empty()) branches.push_back(std::move(plain));
    if (!ported.packets.empty()) branches.push_back(std::move(ported));
}

// The rule's, one or, of several targets, one for each: which client gets which nobody can tell who does not know the gateway's secret. One
// without a weight gets none.
void add_branches(const NatRule& rule, const std::vector<Box>& packets, std::vector<DnatBranch>& branches) {
    if (rule.targets.empty()) return add_branches(rule, nullptr, packets, branches);
    for (const NatTarget& target : rule.targets)
        if (target.weight > 0) add_branches(rule, &target, packets, branches);
}

// Of all its packets together, where an index looks for them.
void add_footprint(const DnatBranch& branch, OverlapIndex& index) {
    Footprint all;
    for (const Box& packets : branch.packets) {
        const Footprint one = footprint_of(branch, packets);
        for (std::size_t i = 0; i < kTraits; ++i) all.sets[i] = all.sets[i].united(one.sets[i]);
    }
    index.add(all.sets);
}

}  // namespace

Footprint footprint_of(const DnatBranch& branch, const Box& packets) {
    Footprint footprint;
    footprint[Trait::source] = packets[Field::source];
    footprint[Trait::destination] = packets[Field::destination];
    footprint[Trait::destination_port] = packets[Field::destination_port];
    footprint[Trait::translated_destination] = branch.address.after(packets[Field::destination]);
    footprint[Trait::translated_port] = branch.port.after(packets[Field::destination_port]);
    // Where the branch says which destination is compared, a rule may be fitted by the other one than it asks for itself.
    if (branch.compared())
        for (const auto& [before, after] : {std::pair{Trait::destination, Trait::translated_destination},
                                            std::pair{Trait::destination_port, Trait::translated_port}})
            footprint[before] = footprint[after] = footprint[before].united(footprint[after]);
    return footprint;
}

std::optional<MatchTuple> DnatBranch::compared() const {
    if (rule == nullptr) return std::nullopt;
    switch (rule->firewall_match) {
        case FirewallMatch::original: return MatchTuple::original;
        case FirewallMatch::translated: return MatchTuple::translated;
        case FirewallMatch::as_rules_say:
        case FirewallMatch::bypass: break;
    }
    return std::nullopt;
}

IntervalSet Mapping::after(const IntervalSet& origins) const {
    return constant && !origins.empty() ? IntervalSet::single(*constant) : origins.moved(distance);
}

IntervalSet Mapping::before(const IntervalSet& targets) const {
    if (constant) return targets.contains(*constant) ? Box::everything()[Field::destination] : IntervalSet{};
    return targets.moved(-distance);
}

DnatBranches find_dnat_branches(const Ruleset& ruleset, Effort& effort) {
    const IntervalSet interfaces = interfaces_of(ruleset);
    BoxList matching;
    for (std::size_t i = 0; i < ruleset.nat.size() + ruleset.derived_nat.size(); ++i) {
        const NatRule& rule = rule_at(ruleset, i);
        if (rule.enabled && row_of(rule.action).side == NatSide::destination) matching.add(packets_matching(rule, interfaces), i);
    }
    DnatBranches found;
    DnatBranch untouched;
    untouched.packets.push_back(Box::everything().limited(Field::inbound, interfaces));
    found.branches.emplace_back();
    for (std::size_t place = 0; place < matching.size(); ++place) {
        const NatRule& rule = rule_at(ruleset, matching[place].owner);
        NatReach& reach = found.reach.emplace_back(NatReach{&rule, {}, {}});
        const auto packets = share_of(reach, matching, place, effort);
        if (reach.remains == Remains::unknown) found.complete = false;
        if (!row_of(rule.action).translates) continue;
        add_branches(rule, packets, found.branches);
        for (const Box& part : packets) untouched.elsewhere.add(part, matching[place].owner);
    }
    found.branches.front() = std::move(untouched);
    for (const DnatBranch& branch : found.branches) add_footprint(branch, found.index);
    return found;
}

std::vector<std::size_t> DnatBranches::with(const Footprint& footprint) const {
    std::vector<std::size_t> found;
    index.find(footprint.sets, branches.size(), found);
    return found;
}

}  // namespace hairpin::gateway::analysis
