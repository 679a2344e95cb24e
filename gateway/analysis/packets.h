#pragma once
// What the fields of rules say, as sets of numbers.

#include "gateway/analysis/box.h"
#include "gateway/firewall/rule.h"
#include "gateway/nat/rule.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway::analysis {

IntervalSet set_of(const Ipv4Prefix& prefix);
IntervalSet set_of(const AddressRange& range);
IntervalSet set_of(const std::vector<AddressRange>& ranges);
IntervalSet set_of(const PortRange& range);
// Of a rule's list, where none means all.
IntervalSet set_or_all(const std::vector<AddressRange>& ranges);
IntervalSet set_or_all(const std::vector<PortRange>& ranges);
IntervalSet set_of(const InterfaceSet& interfaces);
// The original addresses that a NAT rule matches.
IntervalSet originals_of(const NatRule& rule);
// The interfaces that there are.
IntervalSet interfaces_of(const Ruleset& ruleset);
IntervalSet kinds_of(IpProtocol protocol, std::optional<std::uint8_t> icmp_type);
IntervalSet icmp_kinds();

}  // namespace hairpin::gateway::analysis
