#pragma once
// Everything that the gateway decides by: interfaces, routes, firewall, NAT, timeouts. Immutable once published: config/ compiles
// a new one, a Worker adopts it between two bursts, the old one dies with its last user.
//
// Interface ids are indices into `interfaces` and stay with a name from one Ruleset to the next, so sessions and neighbour tables
// may keep them; a hole where an interface was removed has an empty name.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/alg/settings.h"
#include "gateway/firewall/rule.h"
#include "gateway/firewall/schedule.h"
#include "gateway/nat/rule.h"
#include "gateway/rule_index_slot.h"
#include "gateway/sessions/tcp_tracking.h"
#include "gateway/sessions/timeouts.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/time.h"

namespace hairpin::gateway {

enum class InterfaceRole : std::uint8_t { internal, uplink };

inline constexpr std::uint16_t kClampMssToMtu = 0;

// Which sources are believed of what comes in by an interface (BCP 38, RFC 3704).
enum class SourceValidation : std::uint8_t { off, loose, strict };

struct Interface {
    std::string name;  // empty: no such interface any more
    InterfaceRole role = InterfaceRole::internal;
    std::string segment;  // of the switch, where it is attached
    VlanId vlan;          // of that segment; none() for the untagged LAN
    MacAddress mac;
    unsigned mtu = 1500;
    std::vector<Ipv4InterfaceAddress> addresses;  // the first is primary
    std::optional<std::uint16_t> tcp_mss = {};    // what SYNs may announce at most; kClampMssToMtu: what the links' MTUs allow
    SourceValidation source_validation = SourceValidation::loose;
    bool proxy_arp = false;
    bool icmp_errors = true;  // whether those behind it are told what became of their packets

    bool present() const { return !name.empty(); }
    bool owns(Ipv4Address address) const;
    // The own address that shares a subnet with a neighbour, else the primary one. There must be one.
    Ipv4Address address_towards(Ipv4Address neighbor) const;
    friend bool operator==(const Interface&, const Interface&) = default;
};

// A route as configured: to a next hop, or straight onto an interface.
struct StaticRoute {
    Ipv4Prefix prefix;
    std::optional<Ipv4Address> next_hop;
    std::optional<InterfaceId> interface;
    friend bool operator==(const StaticRoute&, const StaticRoute&) = default;
};

struct StaticNeighbor {
    InterfaceId interface {};
    Ipv4Address address;
    MacAddress mac;
    friend bool operator==(const StaticNeighbor&, const StaticNeighbor&) = default;
};

struct ArpSettings {
    Duration reachable_age = std::chrono::seconds{1200};
    std::size_t capacity = 8192;         // neighbours over all interfaces
    std::size_t queue_per_neighbor = 8;  // packets that wait for one ARP reply
    friend bool operator==(const ArpSettings&, const ArpSettings&) = default;
};

// Who gets an answer to a ping of the gateway's addresses. It shows in the firewall table as an automatic rule.
enum class EchoAnswer : std::uint8_t { nobody, internal, anybody };

struct IcmpSettings {
    EchoAnswer answer_echo = EchoAnswer::anybody;
    unsigned errors_per_second = 100;  // of all kinds together; RFC 1812 4.3.2.8
    unsigned echoes_per_second = 1000;
    friend bool operator==(const IcmpSettings&, const IcmpSettings&) = default;
};

// What becomes of a packet with an IP option that asks routers to write themselves down.
enum class OptionTreatment : std::uint8_t {
    drop,    // it is not forwarded (RFC 7126)
    honour,  // the gateway writes itself down (RFC 1812 5.3.13)
    ignore,  // it is forwarded like any other
};

struct IpOptionSettings {
    OptionTreatment record_route = OptionTreatment::drop;
    OptionTreatment timestamp = OptionTreatment::drop;
    friend bool operator==(const IpOptionSettings&, const IpOptionSettings&) = default;
};

// What becomes of the sessions that live when a Ruleset takes the place of another.
enum class OnCommit : std::uint8_t {
    re_evaluate,  // each goes on if the new rules would make it alike, and ends at its next packet otherwise
    keep,         // each goes on under the decision that it was made with, as long as its interfaces are there
};

// What makes room when a new session finds the table full.
enum class Eviction : std::uint8_t {
    off,         // nothing: it is refused
    unanswered,  // a session that nobody has answered yet; one that is established never does (RFC 6888 REQ-11)
};

// What is written down of what rules decide that log.
struct LogSettings {
    unsigned records_per_second = 100;  // of all rules together; as many may come at once
    bool destinations = false;          // of sessions that only an snat rule logs; RFC 6888 REQ-12
    friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

struct Ruleset {
    std::uint64_t generation = 0;  // one more with each configuration
    std::uint64_t turns = 0;       // how often schedules have turned rules on or off, in all generations together
    std::vector<Interface> interfaces;
    std::vector<StaticRoute> routes;
    std::vector<StaticNeighbor> neighbors;
    ArpSettings arp;
    IcmpSettings icmp;
    IpOptionSettings ip_options;
    bool firewall_enabled = true;  // off: everything passes and nothing is translated
    RejectWith reject_with = RejectWith::icmp;
    std::vector<FirewallRule> firewall;  // in order, automatic ones first, the default last
    std::vector<NatRule> nat;            // in order
    std::vector<NatRule> derived_nat;    // what hairpin modes make of them (nat/hairpin.h), asked behind them
    RuleIndexSlot index;                 // over what was written of both; without it they are walked
    NatSettings nat_settings;
    std::vector<Schedule> schedules;  // that firewall rules name
    LogSettings logging;
    AlgSettings algs;
    Timeouts timeouts;
    std::vector<UdpPortTimeout> udp_port_timeouts;  // each port once
    bool udp_inbound_refresh = false;               // RFC 4787 REQ-6a
    std::size_t session_capacity = 262144;
    Eviction eviction = Eviction::off;
    SessionLimits session_limits;
    OnCommit on_commit = OnCommit::re_evaluate;
    TcpTracking tcp_tracking = TcpTracking::strict;  // of sessions whose firewall rule has none of its own

    // Tells what a Worker has adopted apart: sessions remember it.
    std::uint32_t edition() const { return static_cast<std::uint32_t>(generation + turns); }
    const Interface* find_interface(std::string_view name) const;
    std::optional<InterfaceId> interface_id(std::string_view name) const;
    // An interface's name; "vse" of the gateway itself.
    const std::string& name_of(InterfaceId interface) const;
    // Whether it is there; the gateway itself always is.
    bool has(InterfaceId interface) const;
    // True when some interface has this address.
    bool owns(Ipv4Address address) const;
    friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

using RulesetPtr = std::shared_ptr<const Ruleset>;

// The most that any session of these rules is granted.
TcpTracking loosest_tracking(const Ruleset& ruleset);
// Whether some rule has the gateway make handshakes.
bool proxies_syns(const Ruleset& ruleset);

}  // namespace hairpin::gateway
