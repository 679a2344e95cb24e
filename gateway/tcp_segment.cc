#include "gateway/tcp_segment.h"

#include <cstring>

#include "gateway/icmp/icmp_messages.h"
#include "net/checksum.h"
#include "net/result.h"

namespace hairpin::gateway {

PacketPtr make_tcp_segment(PacketPool& pool, Ipv4Address source, Ipv4Address destination, TcpHeader header,
                           std::span<const std::byte> options) {
    ensure(options.size() % 4 == 0);
    const std::size_t l4_length = sizeof(TcpHeader) + options.size();
    const std::size_t length = sizeof(EthernetHeader) + sizeof(Ipv4Header) + l4_length;
    PacketPtr packet = pool.take_for(length);
    if (!packet) return nullptr;
    packet->resize(length);

    EthernetHeader ethernet;
    ethernet.type = Be16{static_cast<std::uint16_t>(EtherType::ipv4)};
    Ipv4Header ip;
    ip.total_length = Be16{static_cast<std::uint16_t>(sizeof(Ipv4Header) + l4_length)};
    ip.flags_and_offset = Be16{Ipv4Header::kDontFragment};  // an atomic datagram needs no identification (RFC 6864 §4.1)
    ip.time_to_live = kFirstTimeToLive;
    ip.protocol_number = static_cast<std::uint8_t>(IpProtocol::tcp);
    ip.source = source;
    ip.destination = destination;
    ip.checksum = checksum_of(std::as_bytes(std::span{&ip, 1}));

    header.data_offset_and_reserved = static_cast<std::uint8_t>(l4_length / 4 << 4);
    header.checksum = {};
    header.checksum = pseudo_header_sum(ip.source, ip.destination, IpProtocol::tcp, l4_length)
                          .add(std::as_bytes(std::span{&header, 1}))
                          .add(options)
                          .checksum();

    std::byte* at = packet->data();
    const auto put = [&](std::span<const std::byte> bytes) {
        std::copy(bytes.begin(), bytes.end(), at);
        at += bytes.size();
    };
    put(std::as_bytes(std::span{&ethernet, 1}));
    put(std::as_bytes(std::span{&ip, 1}));
    put(std::as_bytes(std::span{&header, 1}));
    put(options);
    return packet;
}

}  // namespace hairpin::gateway
