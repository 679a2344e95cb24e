#include "net/frame_view.h"

#include "net/checksum.h"
#include "net/flow_identifiers.h"

namespace hairpin {

EthernetView EthernetView::parse(Packet& packet) {
    EthernetView view;
    if (packet.size() < sizeof(EthernetHeader)) return view;
    view.header_ = reinterpret_cast<EthernetHeader*>(packet.data());
    if (view.header_->ether_type() == EtherType::vlan) {
        if (packet.size() < sizeof(EthernetHeader) + sizeof(VlanTag)) return view;
        view.tag_ = reinterpret_cast<VlanTag*>(packet.data() + sizeof(EthernetHeader));
        if (view.tag_->vlan_number() > VlanId::kLargest) return view.reason_ = DropReason::vlan_illegal, view;
    }
    view.good_ = true;
    return view;
}

FrameView FrameView::parse(Packet& packet) {
    FrameView view;
    view.packet_ = &packet;
    if (packet.size() < sizeof(EthernetHeader)) return view;
    switch (view.ethernet().ether_type()) {
        case EtherType::arp:
            if (packet.size() < sizeof(EthernetHeader) + sizeof(ArpHeader)) return view.fail(DropReason::arp_malformed);
            view.kind_ = Kind::arp;
            view.good_ = true;
            return view;
        case EtherType::ipv4: return view.parse_ipv4();
        default: return view.fail(DropReason::unsupported_ether_type);
    }
}

FrameView& FrameView::parse_ipv4() {
    const std::size_t available = packet_->size() - sizeof(EthernetHeader);
    if (available < sizeof(Ipv4Header)) return fail(DropReason::header_malformed);
    const Ipv4Header& header = ipv4();
    const std::size_t header_length = header.header_length();
    if (header.version() != 4 || header_length < sizeof(Ipv4Header) || header_length > available)
        return fail(DropReason::header_malformed);
    l3_length_ = header.total_length.value();
    // What is longer than its total length carries Ethernet padding, which is not the packet's.
    if (l3_length_ < header_length || l3_length_ > available) return fail(DropReason::header_malformed);
    if (!checksum_holds(packet_->bytes().subspan(sizeof(EthernetHeader), header_length)))
        return fail(DropReason::header_checksum);
    kind_ = Kind::ipv4;
    if (header.fragment_offset() != 0) return good_ = true, *this;
    l4_offset_ = sizeof(EthernetHeader) + header_length;
    return parse_l4();
}

FrameView& FrameView::parse_l4() {
    const Ipv4Header& header = ipv4();
    const std::size_t length = l3_end() - l4_offset_;
    // RFC 1858 §3: a first fragment that does not hold the whole L4 header hides it from the filter.
    const DropReason too_short = header.is_fragment() ? DropReason::fragment_tiny : DropReason::header_malformed;
    switch (header.protocol()) {
        case IpProtocol::tcp:
            if (length < sizeof(TcpHeader)) return fail(too_short);
            if (tcp().header_length() < sizeof(TcpHeader)) return fail(DropReason::header_malformed);
            if (tcp().header_length() > length) return fail(too_short);
            break;
        case IpProtocol::udp: {
            if (length < sizeof(UdpHeader)) return fail(too_short);
            const std::size_t udp_length = udp().length.value();
            if (udp_length < sizeof(UdpHeader)) return fail(DropReason::header_malformed);
            if (udp_length > length && !header.is_fragment()) return fail(DropReason::header_malformed);
            break;
        }
        case IpProtocol::icmp:
            if (length < sizeof(IcmpHeader)) return fail(too_short);
            break;
        case IpProtocol::udp_lite: {
            if (length < sizeof(UdpHeader)) return fail(too_short);
            // RFC 3828 §3.1: a coverage that leaves out a part of the header, and no checksum at all, are not allowed.
            const std::size_t coverage = udp().length.value();
            if ((coverage != 0 && coverage < sizeof(UdpHeader)) || (coverage > length && !header.is_fragment()) ||
                udp().checksum == Be16{})
                return fail(DropReason::header_malformed);
            break;
        }
        default:
            if (length < least_header_length(header.protocol(), l4_bytes())) return fail(too_short);
            break;
    }
    good_ = true;
    return *this;
}

std::size_t FrameView::l4_payload_length() const {
    const std::size_t length = l3_end() - l4_offset_;
    switch (ipv4().protocol()) {
        case IpProtocol::tcp: return length - tcp().header_length();
        case IpProtocol::udp: return length - sizeof(UdpHeader);
        case IpProtocol::icmp: return length - sizeof(IcmpHeader);
        default: return length;
    }
}

Ipv4FlowKey FrameView::key() const {
    const Ipv4Header& header = ipv4();
    Ipv4FlowKey key{header.source, header.destination, {}, {}, header.protocol()};
    if (!has_l4()) return key;
    switch (header.protocol()) {
        case IpProtocol::tcp:
        case IpProtocol::udp:
            key.source_port = L4Port{udp().source_port.value()};
            key.destination_port = L4Port{udp().destination_port.value()};
            break;
        case IpProtocol::icmp:
            if (icmp().is_query_request() || icmp().is_query_reply())
                key.source_port = key.destination_port = L4Port{icmp().identifier.value()};
            break;
        default: read_identifiers(key, l4_bytes()); break;
    }
    return key;
}

QuotedView QuotedView::parse(std::span<std::byte> quote) {
    QuotedView view;
    view.reason_ = DropReason::header_malformed;
    view.quote_ = quote;
    if (quote.size() < sizeof(Ipv4Header)) return view;
    const Ipv4Header& header = view.ipv4();
    const std::size_t header_length = header.header_length();
    if (header.version() != 4 || header_length < sizeof(Ipv4Header) || header_length + 8 > quote.size()) return view;
    view.good_ = true;
    return view;
}

Ipv4FlowKey QuotedView::key() const {
    Ipv4FlowKey key{ipv4().source, ipv4().destination, {}, {}, ipv4().protocol()};
    switch (ipv4().protocol()) {
        case IpProtocol::tcp:
        case IpProtocol::udp:
            key.source_port = L4Port{ports().source_port.value()};
            key.destination_port = L4Port{ports().destination_port.value()};
            break;
        case IpProtocol::icmp: key.source_port = key.destination_port = L4Port{icmp().identifier.value()}; break;
        default:
            if (ipv4().fragment_offset() == 0) read_identifiers(key, l4_bytes());
            break;
    }
    return key;
}

}  // namespace hairpin
