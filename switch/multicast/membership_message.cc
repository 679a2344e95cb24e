#include "switch/multicast/membership_message.h"

#include <algorithm>

#include "net/checksum.h"
#include "net/ethernet.h"
#include "net/icmpv6.h"
#include "net/ipv4.h"
#include "net/ipv6.h"

namespace hairpin::l2 {

namespace {

using Bytes = std::span<const std::byte>;

template <class Header>
Header header_at(Bytes bytes) {
    Header header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

constexpr std::uint8_t kHopByHop = 0, kIcmpv6 = 58, kPimHello = 0x20;  // of PIM: version 2, type 0

std::optional<MulticastPacket> read_ipv4(Bytes l3) {
    if (l3.size() < sizeof(Ipv4Header)) return std::nullopt;
    const auto header = header_at<Ipv4Header>(l3);
    const std::size_t length = header.header_length(), total = header.total_length.value();
    if (header.version() != 4 || length < sizeof(Ipv4Header) || !header.destination.is_multicast()) return std::nullopt;
    MulticastPacket packet{.group = MulticastGroup{header.destination}, .source = MulticastGroup{header.source}};
    if (total < length || total > l3.size() || header.is_fragment()) return packet;
    const Bytes payload = l3.subspan(length, total - length);
    if (header.protocol() == kIgmp && checksum_holds(l3.first(length)) && checksum_holds(payload)) {
        packet.carries = MulticastPacket::Carries::igmp;
        packet.message = payload;
    } else if (header.protocol() == kPim && !payload.empty() && payload[0] == std::byte{kPimHello}) {
        packet.carries = MulticastPacket::Carries::pim_hello;
    }
    return packet;
}

// MLD stands behind a hop-by-hop header with the router alert option (RFC 2710 3, RFC 3810 5), and comes from the link itself.
std::optional<MulticastPacket> read_ipv6(Bytes l3) {
    if (l3.size() < sizeof(Ipv6Header)) return std::nullopt;
    const auto header = header_at<Ipv6Header>(l3);
    if (header.version() != 6 || !header.destination.is_multicast()) return std::nullopt;
    MulticastPacket packet{.group = MulticastGroup{header.destination}, .source = MulticastGroup{header.source}};
    const std::size_t length = header.payload_length.value();
    if (header.next_header != kHopByHop || header.hop_limit != 1 || sizeof header + length > l3.size() || length < 8)
        return packet;
    const Bytes options = l3.subspan(sizeof header, length);
    const std::size_t options_size = 8 + std::size_t{8} * static_cast<std::uint8_t>(options[1]);
    if (options[0] != std::byte{kIcmpv6} || options_size > length) return packet;
    const Bytes message = options.subspan(options_size);
    if (message.size() < sizeof(Icmpv6Header)) return packet;
    const auto sum =
        pseudo_header_sum(header.source, header.destination, IpProtocol::icmpv6, message.size()).add(message).folded();
    const bool from_the_link = header.source.is_link_local() || header.source == Ipv6Address{};
    if (sum != 0xffff || !from_the_link) return packet;
    packet.carries = MulticastPacket::Carries::mld;
    packet.message = message;
    return packet;
}

// RFC 3376 4.1.1 and RFC 3810 5.1.3: small numbers as they are, larger ones as a float of `mantissa_bits` and three of exponent.
std::uint32_t decoded(std::uint32_t code, unsigned mantissa_bits) {
    if (code < 1u << (mantissa_bits + 3)) return code;
    const std::uint32_t mantissa = code & ((1u << mantissa_bits) - 1), exponent = code >> mantissa_bits & 7;
    return (mantissa | 1u << mantissa_bits) << (exponent + 3);
}

}  // namespace

std::optional<MulticastPacket> MulticastPacket::read(const Packet& packet) {
    const Bytes frame = packet.bytes();
    if (frame.size() < sizeof(EthernetHeader)) return std::nullopt;
    switch (header_at<EthernetHeader>(frame).ether_type()) {
        case EtherType::ipv4: return read_ipv4(frame.subspan(sizeof(EthernetHeader)));
        case EtherType::ipv6: return read_ipv6(frame.subspan(sizeof(EthernetHeader)));
        default: return std::nullopt;
    }
}

std::optional<MembershipMessage> MembershipMessage::read(const MulticastPacket& packet) {
    switch (packet.carries) {
        case MulticastPacket::Carries::igmp: return read_igmp(packet.message);
        case MulticastPacket::Carries::mld: return read_mld(packet.message);
        default: return std::nullopt;
    }
}

std::optional<MembershipMessage> MembershipMessage::read_igmp(Bytes bytes) {
    if (bytes.size() < sizeof(IgmpHeader)) return std::nullopt;
    const auto header = header_at<IgmpHeader>(bytes);
    MembershipMessage message;
    switch (header.type()) {
        case IgmpType::query: {
            if (!header.group.is_unspecified()) message.asked_ = MulticastGroup{header.group};
            const bool version_3 = bytes.size() >= sizeof(IgmpHeader) + sizeof(IgmpQueryTail);
            // Version 1 has none and means ten seconds (RFC 2236 4).
            const std::uint32_t tenths = header.response_time == 0 ? 100
                                         : version_3               ? decoded(header.response_time, 4)
                                                                   : header.response_time;
            message.response_time_ = tenths * std::chrono::milliseconds{100};
            return message;
        }
        case IgmpType::report_v1:
        case IgmpType::report_v2: message.kind_ = Kind::report; break;
        case IgmpType::leave: message.kind_ = Kind::leave; break;
        case IgmpType::report_v3:
            message.kind_ = Kind::records;
            message.record_count_ = header.group.number() & 0xffff;
            message.records_ = bytes.subspan(sizeof(IgmpHeader));
            return message;
        default: return std::nullopt;
    }
    if (!header.group.is_multicast()) return std::nullopt;
    message.asked_ = MulticastGroup{header.group};
    return message;
}

std::optional<MembershipMessage> MembershipMessage::read_mld(Bytes bytes) {
    const auto header = header_at<Icmpv6Header>(bytes);
    MembershipMessage message;
    message.address_size_ = sizeof(Ipv6Address);
    const auto type = static_cast<MldType>(header.type_number);
    if (type == MldType::report_v2) {
        message.kind_ = Kind::records;
        message.record_count_ = header.body.value() & 0xffff;
        message.records_ = bytes.subspan(sizeof header);
        return message;
    }
    if (type != MldType::query && type != MldType::report && type != MldType::done) return std::nullopt;
    if (bytes.size() < sizeof header + sizeof(Ipv6Address)) return std::nullopt;
    const auto address = header_at<Ipv6Address>(bytes.subspan(sizeof header));
    if (type == MldType::query) {
        if (address != Ipv6Address{}) message.asked_ = MulticastGroup{address};
        const bool version_2 = bytes.size() > sizeof header + sizeof address;
        const std::uint32_t code = header.body.value() >> 16;
        message.response_time_ = (version_2 ? decoded(code, 12) : code) * std::chrono::milliseconds{1};
        return message;
    }
    if (!address.is_multicast()) return std::nullopt;
    message.kind_ = type == MldType::report ? Kind::report : Kind::leave;
    message.asked_ = MulticastGroup{address};
    return message;
}

MulticastGroup MembershipMessage::group_at(Bytes bytes) const {
    return address_size_ == sizeof(Ipv4Address) ? MulticastGroup{header_at<Ipv4Address>(bytes)}
                                                : MulticastGroup{header_at<Ipv6Address>(bytes)};
}

std::optional<bool> MembershipMessage::wish_of(const GroupRecordHeader& header) {
    const bool from_somebody = header.sources.value() > 0;
    switch (header.type()) {
        case GroupRecordType::is_exclude:
        case GroupRecordType::to_exclude: return true;
        case GroupRecordType::is_include:
        case GroupRecordType::to_include: return from_somebody;
        case GroupRecordType::allow_new: return from_somebody ? std::optional{true} : std::nullopt;
        case GroupRecordType::block_old: return std::nullopt;  // who blocks the last of its sources is forgotten with time
    }
    return std::nullopt;
}

}  // namespace hairpin::l2
