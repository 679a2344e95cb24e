#pragma once
// How a NAT behaves where RFCs name several ways (RFC 4787 §4 and §5, RFC 5382, RFC 7857). A row each: what it is called in the
// configuration and in what is shown.

#include <array>
#include <cstdint>
#include <string_view>

namespace hairpin::gateway {

// For how many destinations an inside address and port has one outside (RFC 4787 §4.1).
enum class MappingMode : std::uint8_t {
    endpoint_independent,        // one for all: REQ-1
    address_dependent,           // one for each address that it speaks with
    address_and_port_dependent,  // one for each flow; flows to different places may share a port (RFC 7857 §3)
};

// Whom a mapping lets in, besides answers (RFC 4787 §5).
enum class FilteringMode : std::uint8_t {
    endpoint_independent,        // everybody
    address_dependent,           // from any port of an address that the inside has spoken to
    address_and_port_dependent,  // nobody
};

// Which port a mapping takes, of those that its rule allows.
enum class PortAllocation : std::uint8_t {
    random,    // any of its class, below 1024 or above (RFC 4787 REQ-3a, RFC 6056)
    preserve,  // the inside one where it is free, else as random
    parity,    // an even one for an even one, an odd one for an odd one (RFC 4787 REQ-4), and of its class
    block,     // any of a block above 1023 that is the host's alone (RFC 6888 REQ-14)
};

// Which address of a pool a host gets.
enum class Pooling : std::uint8_t {
    paired,     // always the same (RFC 4787 REQ-2)
    arbitrary,  // another one for each mapping
};

// What a dnat rule does for clients on the inside that speak to its original address (NAT-AND-FIREWALL 3).
enum class HairpinMode : std::uint8_t {
    off,               // nothing is derived
    automatic,         // the destination is translated; the source only where the answers would go past the gateway otherwise
    internal_address,  // the server sees the gateway's address on its own side
    external_address,  // the server sees the external address and port of the client (RFC 4787 REQ-9a)
};

// What the sender of a packet is told that found no room: no port, no session, or as many as it may have.
enum class ExhaustionAnswer : std::uint8_t {
    administratively_prohibited,  // ICMP 3/13: RFC 5508 REQ-8
    host_unreachable,             // ICMP 3/1: RFC 6888 REQ-11 B
};

// Which packets of a dnat rule with several targets go to the same one.
enum class Affinity : std::uint8_t {
    source,  // all of one client
    none,    // those of one session
};

// What of a packet that this NAT rule lets in the firewall compares.
enum class FirewallMatch : std::uint8_t {
    as_rules_say,  // each firewall rule what it says itself
    original,
    translated,
    bypass,  // the firewall is not asked
};

template <class Mode>
struct ModeRow {
    Mode mode;
    std::string_view name;
};

inline constexpr auto kMappingModes = std::to_array<ModeRow<MappingMode>>({
    {MappingMode::endpoint_independent, "endpoint-independent"},
    {MappingMode::address_dependent, "address-dependent"},
    {MappingMode::address_and_port_dependent, "address-and-port-dependent"},
});
inline constexpr auto kFilteringModes = std::to_array<ModeRow<FilteringMode>>({
    {FilteringMode::endpoint_independent, "endpoint-independent"},
    {FilteringMode::address_dependent, "address-dependent"},
    {FilteringMode::address_and_port_dependent, "address-and-port-dependent"},
});
inline constexpr auto kPortAllocations = std::to_array<ModeRow<PortAllocation>>({
    {PortAllocation::random, "random"},
    {PortAllocation::preserve, "preserve"},
    {PortAllocation::parity, "parity"},
    {PortAllocation::block, "block"},
});
inline constexpr auto kPoolings = std::to_array<ModeRow<Pooling>>({
    {Pooling::paired, "paired"},
    {Pooling::arbitrary, "arbitrary"},
});
inline constexpr auto kExhaustionAnswers = std::to_array<ModeRow<ExhaustionAnswer>>({
    {ExhaustionAnswer::administratively_prohibited, "administratively-prohibited"},
    {ExhaustionAnswer::host_unreachable, "host-unreachable"},
});
inline constexpr auto kHairpinModes = std::to_array<ModeRow<HairpinMode>>({
    {HairpinMode::off, "off"},
    {HairpinMode::automatic, "auto"},
    {HairpinMode::internal_address, "internal-address"},
    {HairpinMode::external_address, "external-address"},
});
inline constexpr auto kAffinities = std::to_array<ModeRow<Affinity>>({
    {Affinity::source, "source"},
    {Affinity::none, "none"},
});
inline constexpr auto kFirewallMatches = std::to_array<ModeRow<FirewallMatch>>({
    {FirewallMatch::as_rules_say, "as-rules-say"},
    {FirewallMatch::original, "original"},
    {FirewallMatch::translated, "translated"},
    {FirewallMatch::bypass, "bypass"},
});

namespace detail {
template <class Mode, std::size_t size>
constexpr std::string_view name_in(const std::array<ModeRow<Mode>, size>& rows, Mode mode) {
    for (const auto& row : rows)
        if (row.mode == mode) return row.name;
    return "";
}
}  // namespace detail
constexpr std::string_view name_of(MappingMode mode) { return detail::name_in(kMappingModes, mode); }
constexpr std::string_view name_of(FilteringMode mode) { return detail::name_in(kFilteringModes, mode); }
constexpr std::string_view name_of(PortAllocation mode) { return detail::name_in(kPortAllocations, mode); }
constexpr std::string_view name_of(Pooling mode) { return detail::name_in(kPoolings, mode); }
constexpr std::string_view name_of(ExhaustionAnswer mode) { return detail::name_in(kExhaustionAnswers, mode); }
constexpr std::string_view name_of(HairpinMode mode) { return detail::name_in(kHairpinModes, mode); }
constexpr std::string_view name_of(Affinity mode) { return detail::name_in(kAffinities, mode); }
constexpr std::string_view name_of(FirewallMatch mode) { return detail::name_in(kFirewallMatches, mode); }

}  // namespace hairpin::gateway
