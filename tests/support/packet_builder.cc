#include "tests/support/packet_builder.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "net/checksum.h"

namespace hairpin::testing {

namespace {

template <class Header>
void append(Bytes& bytes, const Header& header) {
    const auto* first = reinterpret_cast<const std::byte*>(&header);
    bytes.insert(bytes.end(), first, first + sizeof header);
}
void append(Bytes& bytes, const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

void put(Bytes& bytes, std::size_t offset, Be16 word) { std::memcpy(bytes.data() + offset, &word, sizeof word); }
void flip(Bytes& bytes, std::size_t offset) { bytes[offset] ^= std::byte{0x55}; }

constexpr std::size_t kNoChecksum = SIZE_MAX;
std::size_t checksum_offset_of(std::uint8_t protocol) {
    switch (static_cast<IpProtocol>(protocol)) {
        case IpProtocol::tcp: return offsetof(TcpHeader, checksum);
        case IpProtocol::udp:
        case IpProtocol::udp_lite: return offsetof(UdpHeader, checksum);
        case IpProtocol::dccp: return offsetof(DccpHeader, checksum);
        case IpProtocol::icmp: return offsetof(IcmpHeader, checksum);
        default: return kNoChecksum;
    }
}

// What the checksum of a protocol with a coverage is over: RFC 3828 §3.1, RFC 4340 §9.2.
std::span<const std::byte> covered(std::span<const std::byte> l4, std::uint8_t protocol) {
    std::size_t length = l4.size();
    if (static_cast<IpProtocol>(protocol) == IpProtocol::udp_lite && l4.size() >= sizeof(UdpHeader)) {
        const unsigned coverage = std::to_integer<unsigned>(l4[4]) << 8 | std::to_integer<unsigned>(l4[5]);
        if (coverage != 0) length = coverage;
    }
    if (static_cast<IpProtocol>(protocol) == IpProtocol::dccp && l4.size() >= sizeof(DccpHeader)) {
        const unsigned coverage = std::to_integer<unsigned>(l4[5]) & 0xf;
        if (coverage != 0) length = std::size_t{4} * std::to_integer<unsigned>(l4[4]) + std::size_t{4} * (coverage - 1);
    }
    return l4.first(std::min(length, l4.size()));
}

Bytes require_words(std::span<const std::byte> options) {
    if (options.size() % 4 != 0) throw std::invalid_argument("options are a multiple of 4 bytes");
    return {options.begin(), options.end()};
}

}  // namespace

PacketBuilder& PacketBuilder::vlan_priority(unsigned priority) {
    tags_.back() = static_cast<std::uint16_t>(tags_.back() | priority << 13);
    return *this;
}

PacketBuilder& PacketBuilder::from(Ipv4Address address, unsigned port) {
    source_ = address;
    if (kind_ != Kind::icmp) source_port_ = static_cast<std::uint16_t>(port);
    return *this;
}
PacketBuilder& PacketBuilder::to(Ipv4Address address, unsigned port) {
    destination_ = address;
    if (kind_ != Kind::icmp) destination_port_ = static_cast<std::uint16_t>(port);
    return *this;
}
PacketBuilder& PacketBuilder::from(const Ipv6Address& address, unsigned port) {
    source6_ = address;
    source_port_ = static_cast<std::uint16_t>(port);
    return *this;
}
PacketBuilder& PacketBuilder::to(const Ipv6Address& address, unsigned port) {
    destination6_ = address;
    destination_port_ = static_cast<std::uint16_t>(port);
    return *this;
}

PacketBuilder& PacketBuilder::fragment(std::size_t offset_bytes, bool more) {
    if (offset_bytes % 8 != 0) throw std::invalid_argument("fragments begin at multiples of 8 bytes");
    is_fragment_ = true;
    flags_and_offset_ = static_cast<std::uint16_t>((more ? Ipv4Header::kMoreFragments : 0) | offset_bytes / 8);
    return *this;
}

PacketBuilder& PacketBuilder::ip_options(std::span<const std::byte> options) {
    return ip_options_ = require_words(options), *this;
}
PacketBuilder& PacketBuilder::continue_at(std::uint32_t sequence, std::uint32_t acknowledgment) {
    if (!sequence_) sequence_ = sequence;
    if (!acknowledgment_ && has(TcpHeader::kAck)) acknowledgment_ = acknowledgment;
    return *this;
}

FlowKey<Ipv4Family> PacketBuilder::flow() const {
    return {source_, destination_, L4Port{source_port_}, L4Port{destination_port_}, IpProtocol::tcp};
}

PacketBuilder& PacketBuilder::tcp_options(std::span<const std::byte> options) {
    return tcp_options_ = require_words(options), *this;
}

PacketBuilder& PacketBuilder::payload(std::size_t size) {
    payload_.resize(size);
    for (std::size_t i = 0; i < size; ++i) payload_[i] = static_cast<std::byte>(i % 251);
    return *this;
}
PacketBuilder& PacketBuilder::payload(std::string_view text) { return payload(std::as_bytes(std::span{text})); }

PacketBuilder icmp_error(IcmpType type, unsigned code, std::span<const std::byte> quote) {
    return icmp_echo().icmp(type, code).payload(quote);
}

std::uint8_t PacketBuilder::protocol_number() const {
    if (protocol_) return *protocol_;
    switch (kind_) {
        case Kind::tcp: return static_cast<std::uint8_t>(IpProtocol::tcp);
        case Kind::udp: return static_cast<std::uint8_t>(IpProtocol::udp);
        case Kind::udp_lite: return static_cast<std::uint8_t>(IpProtocol::udp_lite);
        case Kind::dccp: return static_cast<std::uint8_t>(IpProtocol::dccp);
        case Kind::icmp: return static_cast<std::uint8_t>(IpProtocol::icmp);
        default: return 255;
    }
}

// The L4 header and what it carries, the checksum still zero.
Bytes PacketBuilder::l4_bytes() const {
    Bytes bytes;
    if (is_fragment_) return payload_;
    switch (kind_) {
        case Kind::tcp: {
            TcpHeader header;
            header.source_port = Be16{source_port_};
            header.destination_port = Be16{destination_port_};
            header.sequence = Be32{sequence_.value_or(1)};
            header.acknowledgment = Be32{acknowledgment_.value_or(0)};
            header.data_offset_and_reserved = static_cast<std::uint8_t>((sizeof header + tcp_options_.size()) / 4 << 4);
            header.flags = tcp_flags_;
            header.window = Be16{window_};
            append(bytes, header);
            append(bytes, tcp_options_);
            break;
        }
        case Kind::udp: {
            UdpHeader header;
            header.source_port = Be16{source_port_};
            header.destination_port = Be16{destination_port_};
            header.length = Be16{static_cast<std::uint16_t>(sizeof header + payload_.size())};
            append(bytes, header);
            break;
        }
        case Kind::udp_lite: {
            UdpHeader header;
            header.source_port = Be16{source_port_};
            header.destination_port = Be16{destination_port_};
            header.length = Be16{coverage_};
            append(bytes, header);
            break;
        }
        case Kind::dccp: {
            DccpHeader header;
            header.source_port = Be16{source_port_};
            header.destination_port = Be16{destination_port_};
            header.counter_and_coverage = static_cast<std::uint8_t>(coverage_ & 0xf);
            header.type_and_extended = static_cast<std::uint8_t>(static_cast<unsigned>(dccp_type_) << 1 | 1);
            append(bytes, header);
            append(bytes, Be32{sequence_.value_or(1)});
            break;
        }
        case Kind::icmp: {
            IcmpHeader header;
            header.type_number = static_cast<std::uint8_t>(icmp_type_);
            header.code = icmp_code_;
            header.identifier = Be16{source_port_};
            header.sequence = Be16{destination_port_};
            append(bytes, header);
            break;
        }
        default: break;
    }
    append(bytes, payload_);
    return bytes;
}

Bytes PacketBuilder::arp_bytes() const {
    ArpHeader header;
    header.operation = Be16{static_cast<std::uint16_t>(arp_operation_)};
    header.sender_mac = sender_mac_.value_or(source_mac_);
    header.sender_address = source_;
    header.target_mac =
        target_mac_.value_or(arp_operation_ == ArpOperation::request ? MacAddress{} : destination_mac_.value_or(kDestinationMac));
    header.target_address = destination_;
    Bytes bytes;
    append(bytes, header);
    append(bytes, payload_);
    return bytes;
}

namespace {
void set_l4_checksum(Bytes& l4, std::uint8_t protocol, const ChecksumSum& pseudo_header, bool partial) {
    const std::size_t offset = checksum_offset_of(protocol);
    if (offset == kNoChecksum || l4.size() < offset + 2) return;
    ChecksumSum sum = static_cast<IpProtocol>(protocol) == IpProtocol::icmp ? ChecksumSum{} : pseudo_header;
    if (partial) return put(l4, offset, sum.partial());
    const Be16 checksum = sum.add(covered(l4, protocol)).checksum();
    const bool never_zero =
        static_cast<IpProtocol>(protocol) == IpProtocol::udp || static_cast<IpProtocol>(protocol) == IpProtocol::udp_lite;
    put(l4, offset, checksum == Be16{} && never_zero ? Be16{0xffff} : checksum);
}
}  // namespace

Bytes PacketBuilder::ipv4_bytes() const {
    Bytes l4 = l4_bytes();
    const std::uint8_t number = protocol_number();
    const bool computed = !is_fragment_ && !(kind_ == Kind::udp && no_udp_checksum_);
    if (computed)
        set_l4_checksum(l4, number, pseudo_header_sum(source_, destination_, static_cast<IpProtocol>(number), l4.size()),
                        partial_);
    if (bad_l4_checksum_ && checksum_offset_of(number) != kNoChecksum) flip(l4, checksum_offset_of(number));

    Ipv4Header header;
    const std::size_t header_size = sizeof header + ip_options_.size();
    header.version_and_length = static_cast<std::uint8_t>(0x40 | header_size / 4);
    header.type_of_service = tos_;
    header.total_length = Be16{static_cast<std::uint16_t>(header_size + l4.size())};
    header.identification = Be16{ip_id_};
    header.flags_and_offset = Be16{flags_and_offset_};
    header.time_to_live = ttl_;
    header.protocol_number = number;
    header.source = source_;
    header.destination = destination_;
    Bytes bytes;
    append(bytes, header);
    append(bytes, ip_options_);
    put(bytes, offsetof(Ipv4Header, checksum), checksum_of(bytes));
    if (bad_ip_checksum_) flip(bytes, offsetof(Ipv4Header, checksum));
    append(bytes, l4);
    return bytes;
}

Bytes PacketBuilder::ipv6_bytes() const {
    Bytes l4 = l4_bytes();
    const std::uint8_t number = protocol_number();
    set_l4_checksum(l4, number, pseudo_header_sum(*source6_, *destination6_, static_cast<IpProtocol>(number), l4.size()),
                    partial_);
    if (bad_l4_checksum_ && checksum_offset_of(number) != kNoChecksum) flip(l4, checksum_offset_of(number));
    Ipv6Header header;
    header.payload_length = Be16{static_cast<std::uint16_t>(l4.size())};
    header.next_header = number;
    header.hop_limit = ttl_;
    header.source = *source6_;
    header.destination = *destination6_;
    Bytes bytes;
    append(bytes, header);
    append(bytes, l4);
    return bytes;
}

Bytes PacketBuilder::l3_bytes() const {
    if (kind_ == Kind::arp) return arp_bytes();
    if (kind_ == Kind::other_ethernet) return payload_;
    return is_ipv6() ? ipv6_bytes() : ipv4_bytes();
}

Bytes PacketBuilder::bytes() const {
    const bool asks_everybody = kind_ == Kind::arp && arp_operation_ == ArpOperation::request;
    std::uint16_t type = ether_type_.value_or(static_cast<std::uint16_t>(kind_ == Kind::arp ? EtherType::arp
                                                                         : is_ipv6()        ? EtherType::ipv6
                                                                                            : EtherType::ipv4));
    EthernetHeader header;
    header.destination = destination_mac_.value_or(asks_everybody ? MacAddress::broadcast() : kDestinationMac);
    header.source = source_mac_;
    header.type = tags_.empty() ? Be16{type} : Be16{static_cast<std::uint16_t>(EtherType::vlan)};
    Bytes bytes;
    append(bytes, header);
    for (std::size_t i = 0; i < tags_.size(); ++i)
        append(bytes,
               VlanTag{Be16{tags_[i]}, i + 1 < tags_.size() ? Be16{static_cast<std::uint16_t>(EtherType::vlan)} : Be16{type}});
    append(bytes, l3_bytes());
    if (bytes.size() < padded_to_) bytes.resize(padded_to_);
    return bytes;
}

std::size_t PacketBuilder::l4_offset() const {
    return ethernet_size() + (is_ipv6() ? sizeof(Ipv6Header) : sizeof(Ipv4Header) + ip_options_.size());
}

Offload PacketBuilder::offload() const {
    Offload offload;
    if (!partial_) return offload;
    offload.checksum = ChecksumState::partial;
    offload.checksum_start = static_cast<std::uint16_t>(l4_offset());
    offload.checksum_offset = static_cast<std::uint16_t>(checksum_offset_of(protocol_number()));
    if (segment_size_ == 0) return offload;
    offload.segmentation = kind_ == Kind::udp ? Segmentation::udp : is_ipv6() ? Segmentation::tcp6 : Segmentation::tcp4;
    offload.segment_size = static_cast<std::uint16_t>(segment_size_);
    offload.header_length = static_cast<std::uint16_t>(
        l4_offset() + (kind_ == Kind::udp ? sizeof(UdpHeader) : sizeof(TcpHeader) + tcp_options_.size()));
    return offload;
}

PacketPtr PacketBuilder::in(PacketPool& pool) const {
    PacketPtr packet = pool.make(bytes());
    if (!packet) throw std::runtime_error("the packet pool is empty, or the frame too long for it");
    packet->offload = offload();
    return packet;
}

Bytes bytes_of(const Packet& packet) { return {packet.bytes().begin(), packet.bytes().end()}; }

namespace {

// SCTP's, RFC 9260 appendix A, a bit at a time; it travels with its low byte first.
bool crc32c_holds(std::span<const std::byte> l4) {
    constexpr std::size_t kAt = 8;
    if (l4.size() < kAt + 4) return false;
    std::uint32_t crc = ~0U, said = 0;
    for (std::size_t i = 0; i < l4.size(); ++i) {
        const bool field = i >= kAt && i < kAt + 4;
        if (field) said |= std::to_integer<std::uint32_t>(l4[i]) << (8 * (i - kAt));
        crc ^= field ? 0U : std::to_integer<std::uint32_t>(l4[i]);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f6'3b78U : 0U);
    }
    return said == ~crc;
}

bool l4_checksum_holds(std::span<const std::byte> l4, std::uint8_t protocol, const ChecksumSum& pseudo_header, bool partial,
                       bool may_be_zero) {
    if (static_cast<IpProtocol>(protocol) == IpProtocol::sctp) return crc32c_holds(l4);
    const std::size_t offset = checksum_offset_of(protocol);
    if (offset == kNoChecksum) return true;
    if (l4.size() < offset + 2) return false;
    Be16 field;
    std::memcpy(&field, l4.data() + offset, sizeof field);
    const bool is_icmp = static_cast<IpProtocol>(protocol) == IpProtocol::icmp;
    if (partial && !is_icmp) return field == pseudo_header.partial();
    if (static_cast<IpProtocol>(protocol) == IpProtocol::udp && field == Be16{}) return may_be_zero;
    if (static_cast<IpProtocol>(protocol) == IpProtocol::udp_lite && field == Be16{}) return false;
    ChecksumSum sum = is_icmp ? ChecksumSum{} : pseudo_header;
    return sum.add(covered(l4, protocol)).folded() == 0xffff;
}

bool ipv4_checksums_hold(std::span<const std::byte> l3, bool partial) {
    Ipv4Header header;
    if (l3.size() < sizeof header) return false;
    std::memcpy(&header, l3.data(), sizeof header);
    const std::size_t total = header.total_length.value();
    if (total > l3.size() || header.header_length() > total || !checksum_holds(l3.first(header.header_length()))) return false;
    if (header.is_fragment()) return true;
    const auto l4 = l3.subspan(header.header_length(), total - header.header_length());
    return l4_checksum_holds(l4, header.protocol_number,
                             pseudo_header_sum(header.source, header.destination, header.protocol(), l4.size()), partial, true);
}

bool ipv6_checksums_hold(std::span<const std::byte> l3, bool partial) {
    Ipv6Header header;
    if (l3.size() < sizeof header) return false;
    std::memcpy(&header, l3.data(), sizeof header);
    if (header.payload_length.value() > l3.size() - sizeof header) return false;
    const auto l4 = l3.subspan(sizeof header, header.payload_length.value());
    const auto protocol = static_cast<IpProtocol>(header.next_header);
    return l4_checksum_holds(l4, header.next_header, pseudo_header_sum(header.source, header.destination, protocol, l4.size()),
                             partial, false);
}

}  // namespace

bool checksums_hold(const Packet& packet) {
    const bool partial = packet.offload.checksum == ChecksumState::partial;
    EthernetHeader header;
    if (packet.size() < sizeof header) return false;
    std::memcpy(&header, packet.data(), sizeof header);
    std::size_t offset = sizeof header;
    EtherType type = header.ether_type();
    for (; type == EtherType::vlan && packet.size() >= offset + sizeof(VlanTag); offset += sizeof(VlanTag)) {
        VlanTag tag;
        std::memcpy(&tag, packet.data() + offset, sizeof tag);
        type = tag.ether_type();
    }
    if (type == EtherType::ipv4) return ipv4_checksums_hold(packet.bytes().subspan(offset), partial);
    if (type == EtherType::ipv6) return ipv6_checksums_hold(packet.bytes().subspan(offset), partial);
    return true;
}

}  // namespace hairpin::testing
