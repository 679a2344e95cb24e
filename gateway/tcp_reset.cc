#include "gateway/tcp_reset.h"

#include <cstring>

#include "gateway/icmp/icmp_messages.h"
#include "net/checksum.h"

namespace hairpin::gateway {

namespace {

TcpHeader answer_to(const TcpHeader& refused, std::uint32_t space) {
    TcpHeader reset;
    reset.source_port = refused.destination_port;
    reset.destination_port = refused.source_port;
    reset.flags = TcpHeader::kRst;
    if (refused.has(TcpHeader::kAck)) {
        reset.sequence = refused.acknowledgment;
    } else {
        reset.flags |= TcpHeader::kAck;
        reset.acknowledgment = Be32{refused.sequence.value() + space};
    }
    return reset;
}

}  // namespace

bool may_be_reset(const FrameView& refused) {
    if (!refused.is_ipv4() || refused.ipv4().protocol() != IpProtocol::tcp || refused.ipv4().is_fragment() || !refused.has_l4())
        return false;
    return !refused.tcp().has(TcpHeader::kRst) && deserves_error(refused);
}

PacketPtr make_tcp_reset(PacketPool& pool, const FrameView& refused) {
    if (!may_be_reset(refused)) return nullptr;
    const TcpHeader& segment = refused.tcp();
    PacketPtr packet = pool.take_for(sizeof(EthernetHeader) + sizeof(Ipv4Header) + sizeof(TcpHeader));
    if (!packet) return nullptr;
    packet->resize(sizeof(EthernetHeader) + sizeof(Ipv4Header) + sizeof(TcpHeader));

    EthernetHeader ethernet;
    ethernet.type = Be16{static_cast<std::uint16_t>(EtherType::ipv4)};
    Ipv4Header ip;
    ip.total_length = Be16{sizeof(Ipv4Header) + sizeof(TcpHeader)};
    ip.flags_and_offset = Be16{Ipv4Header::kDontFragment};  // an atomic datagram needs no identification (RFC 6864 §4.1)
    ip.time_to_live = kFirstTimeToLive;
    ip.protocol_number = static_cast<std::uint8_t>(IpProtocol::tcp);
    ip.source = refused.ipv4().destination;
    ip.destination = refused.ipv4().source;
    ip.checksum = checksum_of(std::as_bytes(std::span{&ip, 1}));

    const std::size_t space =
        refused.l4_payload_length() + (segment.has(TcpHeader::kSyn) ? 1U : 0U) + (segment.has(TcpHeader::kFin) ? 1U : 0U);
    TcpHeader reset = answer_to(segment, static_cast<std::uint32_t>(space));
    reset.checksum = pseudo_header_sum(ip.source, ip.destination, IpProtocol::tcp, sizeof reset)
                         .add(std::as_bytes(std::span{&reset, 1}))
                         .checksum();

    std::byte* const at = packet->data();
    std::memcpy(at, &ethernet, sizeof ethernet);
    std::memcpy(at + sizeof ethernet, &ip, sizeof ip);
    std::memcpy(at + sizeof ethernet + sizeof ip, &reset, sizeof reset);
    return packet;
}

}  // namespace hairpin::gateway
