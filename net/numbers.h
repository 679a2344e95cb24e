#pragma once
// Numbers that must not be mixed up: each its own type, each with its range.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hairpin {

// A port of TCP or UDP (never of the switch), or what plays the same part: the identifier of an ICMP query (RFC 5508 §3.1), and what
// net/flow_identifiers.h tells of other protocols.
class L4Port {
public:
    constexpr L4Port() = default;
    constexpr explicit L4Port(std::uint16_t number) : number_(number) {}
    constexpr std::uint16_t number() const { return number_; }
    friend constexpr auto operator<=>(L4Port, L4Port) = default;

private:
    std::uint16_t number_ = 0;
};

// A VLAN, 1 to 4094 (IEEE 802.1Q: 0 marks a priority tag, 4095 is reserved). none() is "untagged".
class VlanId {
public:
    static constexpr std::uint16_t kLargest = 4094;
    constexpr VlanId() = default;
    constexpr explicit VlanId(std::uint16_t number) : number_(number) {}
    static constexpr VlanId none() { return VlanId{}; }
    static constexpr bool valid(unsigned number) { return number >= 1 && number <= kLargest; }
    constexpr std::uint16_t number() const { return number_; }
    constexpr bool tagged() const { return number_ != 0; }
    friend constexpr auto operator<=>(VlanId, VlanId) = default;

private:
    std::uint16_t number_ = 0;
};

// A VXLAN network identifier, 24 bits (RFC 7348 §5).
class Vni {
public:
    static constexpr std::uint32_t kLargest = 0xff'ffff;
    constexpr Vni() = default;
    constexpr explicit Vni(std::uint32_t number) : number_(number & kLargest) {}
    constexpr std::uint32_t number() const { return number_; }
    friend constexpr auto operator<=>(Vni, Vni) = default;

private:
    std::uint32_t number_ = 0;
};

enum class EtherType : std::uint16_t { ipv4 = 0x0800, arp = 0x0806, vlan = 0x8100, ipv6 = 0x86dd, qinq = 0x88a8 };

enum class IpProtocol : std::uint8_t {
    any = 0,
    icmp = 1,
    tcp = 6,
    udp = 17,
    dccp = 33,
    gre = 47,
    esp = 50,
    ah = 51,
    icmpv6 = 58,
    sctp = 132,
    udp_lite = 136,
};

// "tcp", or the number where the protocol has no name here.
std::string to_string(IpProtocol protocol);
// Accepts the names above and 0 to 255.
std::optional<IpProtocol> parse_ip_protocol(std::string_view text);

// A decimal number without sign, space or leading text, at most `largest`; nothing else is one.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t largest);

// Indices into the tables of one daemon: a port of the switch, a segment of the switch, an interface of the gateway.
enum class PortId : std::uint16_t {};
enum class SegmentId : std::uint16_t {};
enum class InterfaceId : std::uint16_t {};
inline constexpr PortId kNoPort{0xffff};
inline constexpr InterfaceId kNoInterface{0xffff};
constexpr std::size_t index_of(PortId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index_of(SegmentId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index_of(InterfaceId id) { return static_cast<std::size_t>(id); }

}  // namespace hairpin
