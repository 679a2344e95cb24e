#pragma once
// A NAT rule: a function from flow key to translation. DNAT is asked on the interface a packet enters, SNAT on the one it leaves;
// both compare the packet's own tuple as it is at that point (NAT-AND-FIREWALL: session lookup, DNAT, route, firewall, SNAT).

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gateway/firewall/rule.h"
#include "gateway/nat/address_set.h"
#include "gateway/nat/modes.h"
#include "net/time.h"

namespace hairpin::gateway {

enum class NatAction : std::uint8_t { snat, dnat, no_snat, no_dnat };

// How outside ports are given to hosts in blocks (PortBlocks).
struct PortBlockSettings {
    static constexpr std::uint16_t kSmallest = 64, kLargest = 4096;
    std::uint16_t size = 256;    // ports of a block: a power of two, and the first is a multiple of it
    std::uint16_t per_host = 4;  // blocks that one host may have
    friend bool operator==(const PortBlockSettings&, const PortBlockSettings&) = default;
};

// Of all rules.
struct NatSettings {
    Duration port_rest = std::chrono::seconds{120};  // how long a mapping that nobody uses keeps its port (RFC 6888 REQ-8)
    // What rules do that do not say it themselves.
    Pooling pooling = Pooling::paired;
    MappingMode mapping = MappingMode::endpoint_independent;
    FilteringMode filtering = FilteringMode::address_dependent;
    PortAllocation port_allocation = PortAllocation::random;
    HairpinMode hairpin = HairpinMode::off;
    PortQuota ports_per_host = {};
    PortBlockSettings port_blocks = {};
    ExhaustionAnswer exhaustion_answer = ExhaustionAnswer::administratively_prohibited;
    friend bool operator==(const NatSettings&, const NatSettings&) = default;
};

// What `show nat rules` prints of a rule, as it was written.
struct NatRuleText {
    std::string description, applied_on, original, translated;
    std::string peer = {};  // "to 198.51.100.0/24, port 25"; empty: whoever it is
    friend bool operator==(const NatRuleText&, const NatRuleText&) = default;
};

// One of several servers that a dnat rule shares its clients among.
struct NatTarget {
    Ipv4Address address;
    std::optional<PortRange> port = {};  // none: the original's stays; a range is as long as the original
    std::uint8_t weight = 1;             // its share, beside the others'; 0: its sessions stay, and no other begins
    friend bool operator==(const NatTarget&, const NatTarget&) = default;
};

struct NatRule {
    RuleId id = kNoRule;
    NatAction action = NatAction::snat;
    bool enabled = true;
    InterfaceSet applied_on;  // every interface when the rule names none
    IpProtocol protocol = IpProtocol::any;
    // Compared with the source of SNAT, the destination of DNAT. Empty: any.
    std::optional<AddressRange> original_address;
    // Of a group of several ranges which they are; original_address reaches from the first to the last.
    std::vector<AddressRange> original_parts = {};
    std::optional<PortRange> original_port;
    std::optional<std::uint8_t> icmp_type;
    // The other side: destination of SNAT, source of DNAT. Empty: any.
    std::vector<AddressRange> peer_addresses;
    std::vector<PortRange> peer_ports = {};
    // Ranges as long as the original map n to n; longer or shorter ones are a pool. Empty address: unchanged.
    std::optional<AddressRange> translated_address;
    std::optional<PortRange> translated_port;
    AddressSet pool = {};     // of SNAT in place of translated_address: addresses that nothing is mapped to one by one
    bool masquerade = false;  // SNAT to the primary address of the outbound interface, whatever it is then
    // Of dnat in place of the two: each address once, and one at least has a weight.
    std::vector<NatTarget> targets = {};
    Affinity affinity = Affinity::source;
    // Of snat.
    MappingMode mapping = MappingMode::endpoint_independent;
    FilteringMode filtering = FilteringMode::address_dependent;
    PortAllocation port_allocation = PortAllocation::random;
    Pooling pooling = Pooling::paired;
    // Of the sessions that it translates: how long they last in silence; none: as their firewall rule and protocol say.
    std::optional<std::chrono::seconds> idle = {};
    // Of dnat: for clients on the inside. A rule that was derived for them has the number of the one that it is derived from.
    HairpinMode hairpin = HairpinMode::off;
    bool derived = false;
    std::optional<InterfaceId> outside = {};  // of a derived one: where the world knows its original address
    // Of dnat, and of what a mapping of snat lets in.
    FirewallMatch firewall_match = FirewallMatch::as_rules_say;
    NatRuleText text;
    bool log = false;  // whoever observes rules is told of the sessions that it translates

    // What the rule names as its originals; of no address where it names none.
    AddressSet originals() const {
        if (!original_parts.empty() || !original_address) return AddressSet::of(original_parts);
        return {*original_address};
    }
    // Of SNAT, what sources become; of no address where they stay, or the outbound interface says it.
    AddressSet sources() const { return translated_address ? AddressSet{*translated_address} : pool; }
    friend bool operator==(const NatRule&, const NatRule&) = default;
};

}  // namespace hairpin::gateway
