#include "switch/multicast/query_frame.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "net/checksum.h"
#include "net/ethernet.h"
#include "net/icmpv6.h"
#include "net/igmp.h"
#include "net/ipv4.h"
#include "net/ipv6.h"

namespace hairpin::l2 {

namespace {

template <class Header>
void write(std::vector<std::byte>& frame, const Header& header) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&header);
    frame.insert(frame.end(), bytes, bytes + sizeof header);
}

template <class Unit>
std::uint64_t at_most(Duration time, std::uint64_t most) {
    return std::min<std::uint64_t>(static_cast<std::uint64_t>(std::chrono::duration_cast<Unit>(time).count()), most);
}

using Tenths = std::chrono::duration<std::int64_t, std::deci>;
constexpr std::uint64_t kLargestCode = 127, kLargestMldCode = 32767;  // beyond them a float would begin
constexpr std::array<std::uint8_t, 4> kRouterAlert{0x94, 4, 0, 0};    // RFC 2113
constexpr std::array<std::uint8_t, 8> kMldOptions{58, 0, 5, 2,
                                                  0,  0, 1, 0};  // ICMPv6 follows; router alert: MLD (RFC 2711); a pad

IgmpQueryTail tail_of(Duration interval) {
    IgmpQueryTail tail;
    tail.query_interval_code = static_cast<std::uint8_t>(at_most<std::chrono::seconds>(interval, kLargestCode));
    return tail;
}

EthernetHeader ethernet(MacAddress from, MacAddress to, EtherType type) {
    return {to, from, Be16{static_cast<std::uint16_t>(type)}};
}

}  // namespace

std::vector<std::byte> igmp_query_frame(MacAddress from, Ipv4Address source, const std::optional<MulticastGroup>& group,
                                        Duration response_time, Duration interval) {
    IgmpHeader query;
    query.type_number = static_cast<std::uint8_t>(IgmpType::query);
    query.response_time = static_cast<std::uint8_t>(at_most<Tenths>(response_time, kLargestCode));
    if (group) query.group = group->ipv4();
    std::vector<std::byte> message;
    write(message, query);
    write(message, tail_of(interval));
    query.checksum = checksum_of(message);
    std::memcpy(message.data(), &query, sizeof query);

    // A query for one group is sent to it, one for all to all hosts (RFC 3376 4.1.12).
    const Ipv4Address destination = group ? group->ipv4() : Ipv4Address{224, 0, 0, 1};
    Ipv4Header ip;
    ip.version_and_length = 0x46;
    ip.type_of_service = 0xc0;  // internetwork control (RFC 3376 4)
    ip.total_length = Be16{static_cast<std::uint16_t>(sizeof ip + kRouterAlert.size() + message.size())};
    ip.time_to_live = 1;
    ip.protocol_number = static_cast<std::uint8_t>(kIgmp);
    ip.source = source;
    ip.destination = destination;
    std::vector<std::byte> header;
    write(header, ip);
    write(header, kRouterAlert);
    ip.checksum = checksum_of(header);
    std::memcpy(header.data(), &ip, sizeof ip);

    std::vector<std::byte> frame;
    write(frame, ethernet(from, MacAddress::from_number(0x0100'5e00'0000 | (destination.number() & 0x7f'ffff)), EtherType::ipv4));
    frame.insert(frame.end(), header.begin(), header.end());
    frame.insert(frame.end(), message.begin(), message.end());
    frame.resize(std::max<std::size_t>(frame.size(), 60));
    return frame;
}

std::vector<std::byte> mld_query_frame(MacAddress from, const std::optional<MulticastGroup>& group, Duration response_time,
                                       Duration interval) {
    Ipv6Address::Bytes all_nodes{0xff, 2};
    all_nodes[15] = 1;
    Ipv6Header ip;
    ip.next_header = 0;
    ip.hop_limit = 1;
    ip.source = link_local_address_of(from);
    ip.destination = group ? group->ipv6() : Ipv6Address{all_nodes};

    Icmpv6Header query;
    query.type_number = static_cast<std::uint8_t>(MldType::query);
    query.body = Be32{static_cast<std::uint32_t>(at_most<std::chrono::milliseconds>(response_time, kLargestMldCode)) << 16};
    std::vector<std::byte> message;
    write(message, query);
    write(message, group ? group->ipv6() : Ipv6Address{});
    write(message, tail_of(interval));
    query.checksum = pseudo_header_sum(ip.source, ip.destination, IpProtocol::icmpv6, message.size()).add(message).checksum();
    std::memcpy(message.data(), &query, sizeof query);
    ip.payload_length = Be16{static_cast<std::uint16_t>(kMldOptions.size() + message.size())};

    const auto& bytes = ip.destination.bytes();
    const std::uint64_t low =
        std::uint64_t{bytes[12]} << 24 | std::uint64_t{bytes[13]} << 16 | std::uint64_t{bytes[14]} << 8 | bytes[15];
    std::vector<std::byte> frame;
    write(frame, ethernet(from, MacAddress::from_number(0x3333'0000'0000 | low), EtherType::ipv6));
    write(frame, ip);
    write(frame, kMldOptions);
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
}

Ipv6Address link_local_address_of(MacAddress mac) {
    const auto& from = mac.bytes();
    Ipv6Address::Bytes bytes{0xfe, 0x80};
    bytes[8] = static_cast<std::uint8_t>(from[0] ^ 2);
    bytes[9] = from[1];
    bytes[10] = from[2];
    bytes[11] = 0xff;
    bytes[12] = 0xfe;
    bytes[13] = from[3];
    bytes[14] = from[4];
    bytes[15] = from[5];
    return Ipv6Address{bytes};
}

}  // namespace hairpin::l2
