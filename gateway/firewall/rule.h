#pragma once
// A firewall rule as the datapath reads it: interface names are resolved to ids, groups to ranges. Members of a list are OR-ed;
// source, destination and services AND-ed. An empty list is "any".

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/limits/session_limit.h"
#include "gateway/sessions/tcp_tracking.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/numbers.h"

namespace hairpin::gateway {

inline constexpr std::size_t kMaxInterfaces = 256;
using InterfaceSet = std::bitset<kMaxInterfaces>;
// Where the gateway's own packets come from and the answers to them go: no interface, but the gateway itself, which rules call vse.
inline constexpr InterfaceId kGatewayItself{kMaxInterfaces};

// Stable for ever, never reused: firewall user rules 1 to 65536, NAT user rules 65537 to 131072, assigned firewall rules from
// 131073, assigned NAT rules from 196609. 0 is "no rule".
using RuleId = std::uint32_t;
inline constexpr RuleId kNoRule = 0;
inline constexpr RuleId kFirstAssignedFirewallRule = 131073;
// The automatic rules: that the gateway answers pings, and that what it sends itself passes.
inline constexpr RuleId kEchoFirewallRule = kFirstAssignedFirewallRule;
inline constexpr RuleId kOwnTrafficFirewallRule = kFirstAssignedFirewallRule + 1;
inline constexpr RuleId kFirstAssignedNatRule = 196609;
// The default rule is the last assigned firewall id, so that no rule ever takes it.
inline constexpr RuleId kDefaultFirewallRule = kFirstAssignedNatRule - 1;

struct AddressRange {
    Ipv4Address first, last;
    constexpr bool contains(Ipv4Address address) const { return first <= address && address <= last; }
    constexpr std::uint32_t span() const { return last.number() - first.number(); }  // addresses less one
    constexpr bool single() const { return first == last; }
    friend constexpr bool operator==(const AddressRange&, const AddressRange&) = default;
};

struct PortRange {
    L4Port first, last;
    constexpr bool contains(L4Port port) const { return first <= port && port <= last; }
    constexpr unsigned span() const { return static_cast<unsigned>(last.number() - first.number()); }
    constexpr bool single() const { return first == last; }
    friend constexpr bool operator==(const PortRange&, const PortRange&) = default;
};

// One side of a rule. As a source its interfaces are the inbound one, as a destination the outbound one.
struct Endpoint {
    std::vector<AddressRange> addresses;
    InterfaceSet interfaces;
    bool gateway_itself = false;  // "vse": from, or to, the gateway's own addresses
    bool negated = false;         // of all of it, MACs included
    // Of a source: which of these the packet was sent from, as well as by one of the addresses or interfaces. Empty: any.
    std::vector<MacAddress> macs = {};

    // Whatever its MACs say.
    bool any() const { return addresses.empty() && interfaces.none() && !gateway_itself; }
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Service {
    IpProtocol protocol = IpProtocol::any;
    std::vector<PortRange> source_ports, destination_ports;
    std::optional<std::uint8_t> icmp_type, icmp_code = {};
    friend bool operator==(const Service&, const Service&) = default;
};

// Of a rule whose services come to none, as of a group without members: nothing asks for it, since only ICMP has types.
inline const Service kNoService{IpProtocol::tcp, {}, {}, 0};

enum class FirewallAction : std::uint8_t { accept, drop, reject };
constexpr std::string_view name_of(FirewallAction action) {
    switch (action) {
        case FirewallAction::accept: return "accept";
        case FirewallAction::drop: return "drop";
        case FirewallAction::reject: return "reject";
    }
    return "";
}
// What the sender of a rejected packet is told.
enum class RejectWith : std::uint8_t {
    icmp,       // ICMP 3/13, administratively prohibited
    tcp_reset,  // of TCP a RST, in the name of whom it was for; of everything else ICMP 3/13
};
enum class RuleOrigin : std::uint8_t { automatic, user, default_rule };
enum class MatchTuple : std::uint8_t { original, translated };  // destination before or after DNAT

// What `show firewall` prints of a rule, as it was written.
struct FirewallRuleText {
    std::string name, source, destination, service;
    friend bool operator==(const FirewallRuleText&, const FirewallRuleText&) = default;
};

struct FirewallRule {
    RuleId id = kNoRule;
    RuleOrigin origin = RuleOrigin::user;
    bool enabled = true;
    Endpoint source, destination;
    std::vector<Service> services;
    FirewallAction action = FirewallAction::drop;
    MatchTuple match = MatchTuple::original;
    std::optional<RejectWith> reject_with;  // none: as the Ruleset says
    // How long the sessions that it accepts live without packets once they are up; none: as the timeouts say.
    std::optional<std::chrono::seconds> idle;
    // Of the TCP sessions that it accepts; none: as the Ruleset says.
    std::optional<TcpTracking> tcp_tracking = {};
    bool syn_proxy = false;  // the gateway makes the handshake of the TCP sessions that it accepts (gateway/syn_proxy/)
    RuleLimits limits = {};  // of the sessions that it accepts
    FirewallRuleText text;
    bool log = false;               // whoever observes rules is told of what it decides
    std::string schedule;           // in force at its times only; empty: at all times
    bool outside_schedule = false;  // as it was when scheduled() last looked at the clock

    bool in_force() const { return enabled && !outside_schedule; }
    friend bool operator==(const FirewallRule&, const FirewallRule&) = default;
};

}  // namespace hairpin::gateway
