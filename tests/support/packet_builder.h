#pragma once
// Packets in words:
//
//   tcp().from(workstation, 40000).to(external, 80).syn().in(pool)
//   udp().from(a, 5000).to(b, 53).payload(64).vlan(10).bytes()
//   tcp().from(a, 1).to(b, 2).payload(20000).super_packet(1448).in(pool)
//   arp_request().from(a).to(b).in(pool)
//
// What is not said is plausible: checksums hold, lengths fit, MACs are 02:00:00:00:00:01 to 02:00:00:00:00:02 (an ARP request
// goes to everybody), TTL is 64. Frames are as long as their content: there is no padding to 60 bytes unless it is asked for.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "net/arp.h"
#include "net/dccp.h"
#include "net/ethernet.h"
#include "net/flow_key.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/packet_pool.h"
#include "net/tcp.h"
#include "net/udp.h"

namespace hairpin::testing {

inline constexpr auto kSourceMac = MacAddress::from_number(0x0200'0000'0001);
inline constexpr auto kDestinationMac = MacAddress::from_number(0x0200'0000'0002);

using Bytes = std::vector<std::byte>;

class PacketBuilder {
public:
    enum class Kind { tcp, udp, udp_lite, dccp, icmp, other_ipv4, arp, other_ethernet };
    explicit PacketBuilder(Kind kind) : kind_(kind) {}

    // Ethernet
    PacketBuilder& from_mac(MacAddress mac) { return source_mac_ = mac, *this; }
    PacketBuilder& to_mac(MacAddress mac) { return destination_mac_ = mac, *this; }
    PacketBuilder& vlan(unsigned number) {
        return tags_.push_back(static_cast<std::uint16_t>(number)), *this;
    }                                                 // outermost first
    PacketBuilder& vlan_priority(unsigned priority);  // of the last tag, 0 to 7
    PacketBuilder& ether_type(std::uint16_t type) { return ether_type_ = type, *this; }
    PacketBuilder& padded_to(std::size_t frame_size) { return padded_to_ = frame_size, *this; }

    // IP and ARP
    PacketBuilder& from(Ipv4Address address, unsigned port = 0);
    PacketBuilder& to(Ipv4Address address, unsigned port = 0);
    PacketBuilder& from(const Ipv6Address& address, unsigned port);
    PacketBuilder& to(const Ipv6Address& address, unsigned port);
    PacketBuilder& ttl(unsigned hops) { return ttl_ = static_cast<std::uint8_t>(hops), *this; }
    PacketBuilder& tos(unsigned value) { return tos_ = static_cast<std::uint8_t>(value), *this; }
    PacketBuilder& ip_id(unsigned id) { return ip_id_ = static_cast<std::uint16_t>(id), *this; }
    PacketBuilder& dont_fragment() { return flags_and_offset_ |= Ipv4Header::kDontFragment, *this; }
    // A piece of a packet: its payload is what the piece carries behind the IP header, L4 header included when offset is 0.
    PacketBuilder& fragment(std::size_t offset_bytes, bool more);
    PacketBuilder& ip_options(std::span<const std::byte> options);  // a multiple of 4 bytes
    PacketBuilder& protocol(unsigned number) { return protocol_ = static_cast<std::uint8_t>(number), *this; }

    // TCP
    PacketBuilder& flags(unsigned flags) { return tcp_flags_ = static_cast<std::uint8_t>(flags), *this; }
    PacketBuilder& syn() { return add_flags(TcpHeader::kSyn); }
    PacketBuilder& ack() { return add_flags(TcpHeader::kAck); }
    PacketBuilder& fin() { return add_flags(TcpHeader::kFin); }
    PacketBuilder& rst() { return add_flags(TcpHeader::kRst); }
    PacketBuilder& psh() { return add_flags(TcpHeader::kPsh); }
    PacketBuilder& sequence(std::uint32_t number) { return sequence_ = number, *this; }
    PacketBuilder& acknowledge(std::uint32_t number) { return acknowledgment_ = number, ack(); }
    // The numbers that its connection has come to, where none have been said.
    PacketBuilder& continue_at(std::uint32_t sequence, std::uint32_t acknowledgment);
    PacketBuilder& window(unsigned size) { return window_ = static_cast<std::uint16_t>(size), *this; }
    PacketBuilder& tcp_options(std::span<const std::byte> options);  // a multiple of 4 bytes

    // UDP-Lite: how many bytes the checksum covers, 0 for all; DCCP: the coverage's number, 0 for all (RFC 4340 §9.2)
    PacketBuilder& coverage(unsigned number) { return coverage_ = static_cast<std::uint16_t>(number), *this; }
    PacketBuilder& dccp(DccpType type) { return dccp_type_ = type, *this; }

    // ICMP
    PacketBuilder& icmp(IcmpType type, unsigned code = 0) {
        return icmp_type_ = type, icmp_code_ = static_cast<std::uint8_t>(code), *this;
    }
    PacketBuilder& identifier(unsigned id) { return source_port_ = static_cast<std::uint16_t>(id), *this; }
    PacketBuilder& icmp_sequence(unsigned number) { return destination_port_ = static_cast<std::uint16_t>(number), *this; }

    // ARP
    PacketBuilder& arp(ArpOperation operation) { return arp_operation_ = operation, *this; }
    PacketBuilder& sender_mac(MacAddress mac) { return sender_mac_ = mac, *this; }
    PacketBuilder& target_mac(MacAddress mac) { return target_mac_ = mac, *this; }

    // What is carried: so many bytes (0, 1, 2, ... 250, 0, ...), a text, or these bytes.
    PacketBuilder& payload(std::size_t size);
    PacketBuilder& payload(std::string_view text);
    PacketBuilder& payload(std::span<const std::byte> bytes) { return payload_.assign(bytes.begin(), bytes.end()), *this; }

    // Offload
    PacketBuilder& partial_checksum() { return partial_ = true, *this; }
    PacketBuilder& super_packet(std::size_t segment_size) { return segment_size_ = segment_size, partial_checksum(); }
    // Wrong on purpose
    PacketBuilder& no_udp_checksum() { return no_udp_checksum_ = true, *this; }
    PacketBuilder& bad_l4_checksum() { return bad_l4_checksum_ = true, *this; }
    PacketBuilder& bad_ip_checksum() { return bad_ip_checksum_ = true, *this; }

    bool is_tcp() const { return kind_ == Kind::tcp && !is_ipv6() && !is_fragment_; }
    bool has(std::uint8_t tcp_flag) const { return (tcp_flags_ & tcp_flag) != 0; }
    FlowKey<Ipv4Family> flow() const;
    std::size_t payload_size() const { return payload_.size(); }
    std::optional<std::uint32_t> said_sequence() const { return sequence_; }

    Bytes bytes() const;                   // the frame
    Bytes l3_bytes() const;                // without Ethernet: what an ICMP error quotes
    PacketPtr in(PacketPool& pool) const;  // with the offload metadata; never null: a test with an empty pool uses pool.make

private:
    PacketBuilder& add_flags(std::uint8_t flags) { return tcp_flags_ |= flags, *this; }
    bool is_ipv6() const { return source6_.has_value(); }
    std::uint8_t protocol_number() const;
    Bytes l4_bytes() const;
    Bytes arp_bytes() const;
    Bytes ipv4_bytes() const;
    Bytes ipv6_bytes() const;
    std::size_t ethernet_size() const { return sizeof(EthernetHeader) + sizeof(VlanTag) * tags_.size(); }
    std::size_t l4_offset() const;
    Offload offload() const;

    Kind kind_;
    MacAddress source_mac_ = kSourceMac;
    std::optional<MacAddress> destination_mac_;
    std::vector<std::uint16_t> tags_;
    std::optional<std::uint16_t> ether_type_;
    std::size_t padded_to_ = 0;
    Ipv4Address source_{192, 0, 2, 1}, destination_{192, 0, 2, 2};
    std::optional<Ipv6Address> source6_, destination6_;
    std::uint16_t source_port_ = 0, destination_port_ = 0;
    std::uint8_t ttl_ = 64, tos_ = 0;
    std::uint16_t ip_id_ = 1;
    std::uint16_t flags_and_offset_ = 0;
    bool is_fragment_ = false;
    Bytes ip_options_;
    std::optional<std::uint8_t> protocol_;
    std::uint8_t tcp_flags_ = 0;
    std::optional<std::uint32_t> sequence_, acknowledgment_;  // else 1 and 0
    std::uint16_t window_ = 65535;
    Bytes tcp_options_;
    std::uint16_t coverage_ = 0;
    DccpType dccp_type_ = DccpType::data;
    IcmpType icmp_type_ = IcmpType::echo_request;
    std::uint8_t icmp_code_ = 0;
    ArpOperation arp_operation_ = ArpOperation::request;
    std::optional<MacAddress> sender_mac_, target_mac_;
    Bytes payload_;
    bool partial_ = false;
    std::size_t segment_size_ = 0;
    bool no_udp_checksum_ = false, bad_l4_checksum_ = false, bad_ip_checksum_ = false;
};

inline PacketBuilder tcp() { return PacketBuilder{PacketBuilder::Kind::tcp}; }
inline PacketBuilder udp() { return PacketBuilder{PacketBuilder::Kind::udp}; }
inline PacketBuilder udp_lite() { return PacketBuilder{PacketBuilder::Kind::udp_lite}; }
inline PacketBuilder dccp(DccpType type) { return PacketBuilder{PacketBuilder::Kind::dccp}.dccp(type); }
inline PacketBuilder icmp_echo() { return PacketBuilder{PacketBuilder::Kind::icmp}; }
inline PacketBuilder icmp_echo_reply() { return icmp_echo().icmp(IcmpType::echo_reply); }
// An ICMP error about a packet; `quote` begins with that packet's IP header: PacketBuilder::l3_bytes().
PacketBuilder icmp_error(IcmpType type, unsigned code, std::span<const std::byte> quote);
inline PacketBuilder arp_request() { return PacketBuilder{PacketBuilder::Kind::arp}; }
inline PacketBuilder arp_reply() { return arp_request().arp(ArpOperation::reply); }
// IPv4 with a protocol that is neither of these.
inline PacketBuilder ip(unsigned protocol) { return PacketBuilder{PacketBuilder::Kind::other_ipv4}.protocol(protocol); }
// A frame of some other type; its payload is what follows the Ethernet header.
inline PacketBuilder ethernet(std::uint16_t type) { return PacketBuilder{PacketBuilder::Kind::other_ethernet}.ether_type(type); }

Bytes bytes_of(const Packet& packet);
// Whether every checksum of an IPv4 or IPv6 frame holds, tags or not: IP header, and TCP, UDP, UDP-Lite, DCCP, SCTP or ICMP (a UDP
// checksum of zero holds on IPv4). A partial checksum must be the pseudo-header's sum.
bool checksums_hold(const Packet& packet);

}  // namespace hairpin::testing
