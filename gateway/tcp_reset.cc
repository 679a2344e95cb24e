#include "gateway/tcp_reset.h"

#include "gateway/icmp/icmp_messages.h"
#include "gateway/tcp_segment.h"

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
    const std::size_t space =
        refused.l4_payload_length() + (segment.has(TcpHeader::kSyn) ? 1U : 0U) + (segment.has(TcpHeader::kFin) ? 1U : 0U);
    return make_tcp_segment(pool, refused.ipv4().destination, refused.ipv4().source,
                            answer_to(segment, static_cast<std::uint32_t>(space)));
}

}  // namespace hairpin::gateway
