#include "gateway/analysis/packets.h"

namespace hairpin::gateway::analysis {

IntervalSet set_of(const Ipv4Prefix& prefix) { return {prefix.first().number(), prefix.last().number()}; }
IntervalSet set_of(const AddressRange& range) { return {range.first.number(), range.last.number()}; }
IntervalSet set_of(const PortRange& range) { return {range.first.number(), range.last.number()}; }

IntervalSet set_of(const std::vector<AddressRange>& ranges) {
    if (ranges.size() == 1) return set_of(ranges.front());
    std::vector<Interval> intervals;
    for (const AddressRange& range : ranges) intervals.push_back({range.first.number(), range.last.number()});
    return IntervalSet::of(std::move(intervals));
}

IntervalSet set_or_all(const std::vector<AddressRange>& ranges) {
    return ranges.empty() ? Box::everything()[Field::source] : set_of(ranges);
}

IntervalSet set_or_all(const std::vector<PortRange>& ranges) {
    if (ranges.empty()) return Box::everything()[Field::source_port];
    std::vector<Interval> intervals;
    for (const PortRange& range : ranges) intervals.push_back({range.first.number(), range.last.number()});
    return IntervalSet::of(std::move(intervals));
}

IntervalSet originals_of(const NatRule& rule) {
    if (!rule.original_parts.empty()) return set_of(rule.original_parts);
    return rule.original_address ? set_of(*rule.original_address) : Box::everything()[Field::source];
}

IntervalSet set_of(const InterfaceSet& interfaces) {
    std::vector<Interval> intervals;
    std::size_t left = interfaces.count();  // few, and the first ones: most of the 256 need no look
    for (std::uint32_t i = 0; left > 0; ++i) {
        if (!interfaces.test(i)) continue;
        intervals.push_back({i, i});
        --left;
    }
    return IntervalSet::of(std::move(intervals));
}

IntervalSet interfaces_of(const Ruleset& ruleset) {
    InterfaceSet present;
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i) present.set(i, ruleset.interfaces[i].present());
    return set_of(present);
}

IntervalSet icmp_kinds() { return {kFirstIcmpKind, kLastKind}; }

IntervalSet kinds_of(IpProtocol protocol, std::optional<std::uint8_t> icmp_type) {
    IntervalSet kinds = protocol == IpProtocol::any    ? Box::everything()[Field::kind]
                        : protocol == IpProtocol::icmp ? icmp_kinds()
                                                       : IntervalSet::single(static_cast<std::uint8_t>(protocol));
    return icmp_type ? kinds.intersected(IntervalSet::single(kFirstIcmpKind + *icmp_type)) : kinds;
}

}  // namespace hairpin::gateway::analysis
