#pragma once
// What NAT rules make of a flow key. A rule says where to; that replies come back, that checksums hold and that two sessions
// never look alike is the engine's business, once for all rules.

#include <optional>

#include "gateway/nat/actions.h"
#include "gateway/nat/mapping.h"
#include "gateway/ruleset.h"
#include "net/flow_key.h"

namespace hairpin::gateway {

struct NatQuestion {
    Ipv4FlowKey key;  // for DNAT as it came in, for SNAT after DNAT
    std::optional<std::uint8_t> icmp_type;
};

// Whether an enabled rule of this side is applied on the interface and matches.
bool matches(const NatRule& rule, const NatQuestion& question, InterfaceId interface, NatSide side);

// The first enabled dnat or no-dnat rule that is applied on the inbound interface and matches, those derived for hairpins behind the others;
// nullptr when none does.
const NatRule* find_destination_rule(const Ruleset& ruleset, const NatQuestion& question, InterfaceId inbound);
// The same for snat and no-snat on the outbound interface.
const NatRule* find_source_rule(const Ruleset& ruleset, const NatQuestion& question, InterfaceId outbound);

// The key with its destination as the rule wants it: ranges of equal length map n to n.
Ipv4FlowKey translate_destination(const NatRule& rule, const Ipv4FlowKey& key);
// The same where the rule has targets, for this one of them.
Ipv4FlowKey translate_destination(const NatRule& rule, const NatTarget& target, const Ipv4FlowKey& key);

// Which source addresses and ports a rule allows for one flow, and how one is chosen; the port allocator picks among them.
struct SourceChoice {
    AddressSet addresses;
    std::optional<PortRange> ports = {};  // none: any port of the class of the original one
    MappingMode mapping = MappingMode::address_and_port_dependent;
    FilteringMode filtering = FilteringMode::address_and_port_dependent;
    PortAllocation allocation = PortAllocation::random;
    FirewallMatch firewall_match = FirewallMatch::as_rules_say;
    RuleId rule = kNoRule;
    // Filled in by who decides.
    Pooling pooling = Pooling::paired;
    InterfaceId outbound{};

    bool allows(Ipv4Address address, L4Port port) const {
        return addresses.contains(address) && (!ports || ports->contains(port));
    }
};
// nullopt when a masquerading rule finds no address on the outbound interface.
std::optional<SourceChoice> source_choice(const NatRule& rule, const Ipv4FlowKey& key, const Interface& outbound);

// Whether the rule would still make this mapping, which lets others in.
bool makes(const NatRule& rule, const Mapping& mapping, const Ruleset& ruleset);

}  // namespace hairpin::gateway
