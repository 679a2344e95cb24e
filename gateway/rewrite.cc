#include "gateway/rewrite.h"

#include <algorithm>
#include <cstddef>

#include "net/dccp.h"

namespace hairpin::gateway {

namespace {

static_assert(offsetof(DccpHeader, destination_port) == offsetof(UdpHeader, destination_port) &&
              offsetof(DccpHeader, checksum) == offsetof(UdpHeader, checksum));

// A packet whose checksum somebody else completes carries the pseudo-header's sum, which holds addresses but no ports.
Be16 changed(Be16 checksum, const FrameView& frame, const RewriteDeltas& deltas) {
    if (frame.packet().offload.checksum == ChecksumState::partial) return deltas.address.applied_to_partial(checksum);
    return deltas.l4.applied_to(checksum);
}

// UDP's and UDP-Lite's, whatever its coverage is: the pseudo-header and the header are always in it (RFC 3828 §3.1).
Be16 changed_udp(Be16 checksum, const FrameView& frame, const RewriteDeltas& deltas) {
    if (frame.packet().offload.checksum == ChecksumState::partial) return deltas.address.applied_to_partial(checksum);
    if (checksum == Be16{0}) return checksum;  // RFC 768: none was computed, and none appears; UDP-Lite has always one
    const Be16 result = deltas.l4.applied_to(checksum);
    return result == Be16{0} ? Be16{0xffff} : result;
}

}  // namespace

RewriteDeltas deltas_between(const Ipv4FlowKey& from, const Ipv4FlowKey& to) {
    ChecksumSum addresses;
    addresses.subtract(from.source).subtract(from.destination).add(to.source).add(to.destination);
    ChecksumSum ports;
    if (from.protocol == IpProtocol::icmp) {
        // ICMP's checksum has no pseudo-header, and the identifier stands once though the key holds it twice.
        ports.subtract(from.source_port).add(to.source_port);
        return {ChecksumDelta{addresses}, ChecksumDelta{ports}};
    }
    ports.subtract(from.source).subtract(from.destination).add(to.source).add(to.destination);
    ports.subtract(from.source_port).subtract(from.destination_port).add(to.source_port).add(to.destination_port);
    return {ChecksumDelta{addresses}, ChecksumDelta{ports}};
}

// TTL is the high byte of its 16-bit word (RFC 1624 §2).
void decrement_time_to_live(Ipv4Header& ip) {
    ChecksumSum change;
    change.subtract(Be16{static_cast<std::uint16_t>(ip.time_to_live << 8)});
    --ip.time_to_live;
    change.add(Be16{static_cast<std::uint16_t>(ip.time_to_live << 8)});
    ip.checksum = ChecksumDelta{change}.applied_to(ip.checksum);
}

void mend_zero_checksum(FrameView& frame) {
    IcmpHeader& icmp = frame.icmp();
    if (icmp.checksum.value() != 0 || frame.packet().offload.checksum == ChecksumState::partial) return;
    const auto message = frame.l4_bytes();
    const bool all_zero = std::all_of(message.begin(), message.end(), [](std::byte byte) { return byte == std::byte{0}; });
    if (all_zero) icmp.checksum = Be16{0xffff};
}

void rewrite(FrameView& frame, const Ipv4FlowKey& to, const RewriteDeltas& deltas) {
    Ipv4Header& ip = frame.ipv4();
    ip.source = to.source;
    ip.destination = to.destination;
    ip.checksum = deltas.address.applied_to(ip.checksum);
    if (!frame.has_l4()) return;
    switch (ip.protocol()) {
        case IpProtocol::tcp: {
            TcpHeader& tcp = frame.tcp();
            tcp.source_port = Be16{to.source_port.number()};
            tcp.destination_port = Be16{to.destination_port.number()};
            tcp.checksum = changed(tcp.checksum, frame, deltas);
            return;
        }
        case IpProtocol::udp:
        case IpProtocol::udp_lite:
        case IpProtocol::dccp: {
            UdpHeader& udp = frame.udp();
            udp.source_port = Be16{to.source_port.number()};
            udp.destination_port = Be16{to.destination_port.number()};
            udp.checksum = ip.protocol() == IpProtocol::dccp ? changed(udp.checksum, frame, deltas)
                                                             : changed_udp(udp.checksum, frame, deltas);
            return;
        }
        case IpProtocol::icmp: {
            IcmpHeader& icmp = frame.icmp();
            icmp.identifier = Be16{to.source_port.number()};
            icmp.checksum = deltas.l4.applied_to(icmp.checksum);
            mend_zero_checksum(frame);
            return;
        }
        default: return;  // whose checksum, if there is one, covers no address
    }
}

void rewrite(FrameView& frame, const Session& session, Direction direction) {
    if (!session.translated()) return;
    RewriteDeltas deltas{ChecksumDelta::from_raw(session.address_delta), ChecksumDelta::from_raw(session.l4_delta)};
    if (direction == Direction::reply) deltas = {deltas.address.inverse(), deltas.l4.inverse()};
    rewrite(frame, session.rewritten(direction), deltas);
}

}  // namespace hairpin::gateway
