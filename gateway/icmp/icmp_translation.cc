#include "gateway/icmp/icmp_translation.h"

#include <algorithm>
#include <cstddef>

#include "net/checksum.h"
#include "net/offload.h"

namespace hairpin::gateway {

namespace {

// The bytes of the quoted packet alone. RFC 4884 §4.1: where extensions follow, the sixth byte of the ICMP header says how many
// 32-bit words the quote takes, padding included.
std::span<std::byte> quote_of(const FrameView& error) {
    const std::span<std::byte> quote = error.l4_bytes().subspan(sizeof(IcmpHeader));
    const std::size_t length = std::size_t{4} * (error.icmp().identifier.value() & 0xff);
    const IcmpType type = error.icmp().type();
    const bool extensible =
        type == IcmpType::destination_unreachable || type == IcmpType::time_exceeded || type == IcmpType::parameter_problem;
    return extensible && length != 0 ? quote.first(std::min(length, quote.size())) : quote;
}

// How much of the L4 header is the quoted packet's own: what follows its end is padding.
std::size_t quoted_l4_length(const QuotedView& quoted) {
    const std::size_t total = quoted.ipv4().total_length.value(), header = quoted.ipv4().header_length();
    return total < header ? 0 : std::min(quoted.l4_bytes().size(), total - header);
}

void rewrite_identifier(IcmpHeader& icmp, L4Port identifier) {
    if (!icmp.is_query_request() && !icmp.is_query_reply()) return;
    const ChecksumSum change = ChecksumSum{}.subtract(icmp.identifier).add(identifier);
    icmp.identifier = Be16{identifier.number()};
    icmp.checksum = ChecksumDelta{change}.applied_to(icmp.checksum);
}

// Ports, and the checksum over them and the pseudo-header. `quoted` still has the old addresses.
void rewrite_ports(QuotedView& quoted, const Ipv4FlowKey& to) {
    const Ipv4FlowKey from = quoted.key();
    ChecksumSum change;
    change.subtract(from.source).subtract(from.destination).subtract(from.source_port).subtract(from.destination_port);
    change.add(to.source).add(to.destination).add(to.source_port).add(to.destination_port);
    const ChecksumDelta delta{change};

    UdpHeader& ports = quoted.ports();
    ports.source_port = Be16{to.source_port.number()};
    ports.destination_port = Be16{to.destination_port.number()};
    if (from.protocol != IpProtocol::tcp) {  // of UDP, UDP-Lite and DCCP it is in the eight bytes that every quote has
        // RFC 768: none was computed, and none appears
        if (from.protocol == IpProtocol::udp && ports.checksum == Be16{}) return;
        const Be16 checksum = delta.applied_to(ports.checksum);
        ports.checksum = checksum == Be16{} ? Be16{0xffff} : checksum;
    } else if (quoted_l4_length(quoted) >= offsetof(TcpHeader, checksum) + sizeof(Be16)) {
        auto& tcp = *reinterpret_cast<TcpHeader*>(quoted.l4_bytes().data());
        tcp.checksum = delta.applied_to(tcp.checksum);
    }
}

void rewrite_quoted_l4(QuotedView& quoted, const Ipv4FlowKey& to) {
    if (quoted.ipv4().fragment_offset() != 0) return;  // it has no L4 header
    switch (quoted.ipv4().protocol()) {
        case IpProtocol::tcp:
        case IpProtocol::udp:
        case IpProtocol::udp_lite:
        case IpProtocol::dccp: return rewrite_ports(quoted, to);
        case IpProtocol::icmp: return rewrite_identifier(quoted.icmp(), to.source_port);
        default: return;
    }
}

void rewrite_quoted_addresses(Ipv4Header& ip, const Ipv4FlowKey& to) {
    ChecksumSum change;
    change.subtract(ip.source).subtract(ip.destination).add(to.source).add(to.destination);
    ip.source = to.source;
    ip.destination = to.destination;
    ip.checksum = ChecksumDelta{change}.applied_to(ip.checksum);
}

}  // namespace

std::optional<DropReason> translate_icmp_error(FrameView& error, const Ipv4FlowKey& as_sent, Ipv4Address source) {
    Packet& packet = error.packet();
    if (error.ipv4().is_fragment()) return DropReason::l4_checksum;
    if (packet.offload.checksum == ChecksumState::partial) complete_checksum(packet);
    if (!checksum_holds(error.l4_bytes())) return DropReason::l4_checksum;
    const std::span<std::byte> quote = quote_of(error);
    QuotedView quoted = QuotedView::parse(quote);
    if (!quoted) return quoted.reason();
    if (!checksum_holds(quote.first(quoted.ipv4().header_length()))) return DropReason::l4_checksum;

    rewrite_quoted_l4(quoted, as_sent);
    rewrite_quoted_addresses(quoted.ipv4(), as_sent);
    error.icmp().checksum = Be16{};
    error.icmp().checksum = checksum_of(error.l4_bytes());

    Ipv4Header& outer = error.ipv4();
    outer.source = source;
    outer.destination = as_sent.source;
    outer.checksum = Be16{};
    outer.checksum = checksum_of(error.l3_bytes().first(outer.header_length()));
    return std::nullopt;
}

}  // namespace hairpin::gateway
