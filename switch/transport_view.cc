#include "switch/transport_view.h"

#include "net/ethernet.h"

namespace hairpin::l2 {

namespace {
constexpr int kMostTags = 2;
constexpr int kMostExtensions = 8;

// Extension headers that may stand before TCP or UDP (RFC 8200 §4.1): next header, then length in 8 bytes beyond the first 8.
bool is_extension(std::uint8_t next_header) {
    constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kDestinationOptions = 60;
    return next_header == kHopByHop || next_header == kRouting || next_header == kDestinationOptions;
}
}  // namespace

TransportView TransportView::find(Packet& packet) {
    TransportView view;
    view.frame_ = packet.bytes();
    view.l3_end_ = packet.size();
    if (packet.size() < sizeof(EthernetHeader)) return view;

    EtherType type = view.at<EthernetHeader>(0)->ether_type();
    view.l3_offset_ = sizeof(EthernetHeader);
    for (int tags = 0; tags < kMostTags && (type == EtherType::vlan || type == EtherType::qinq); ++tags) {
        if (!view.fits(view.l3_offset_, sizeof(VlanTag))) return view;
        type = view.at<VlanTag>(view.l3_offset_)->ether_type();
        view.l3_offset_ += sizeof(VlanTag);
    }
    const bool found = type == EtherType::ipv4 ? view.find_ipv4() : type == EtherType::ipv6 && view.find_ipv6();
    if (!found) view.header_length_ = 0;
    return view;
}

bool TransportView::find_ipv4() {
    if (!fits(l3_offset_, sizeof(Ipv4Header))) return false;
    const Ipv4Header& header = ipv4();
    const std::size_t total = header.total_length.value();
    if (header.version() != 4 || header.header_length() < sizeof(Ipv4Header) || header.is_fragment()) return false;
    if (total < header.header_length() || !fits(l3_offset_, total)) return false;
    version_ = 4;
    protocol_ = header.protocol();
    l3_end_ = l3_offset_ + total;
    l4_offset_ = l3_offset_ + header.header_length();
    return find_l4();
}

bool TransportView::find_ipv6() {
    if (!fits(l3_offset_, sizeof(Ipv6Header))) return false;
    const std::size_t total = sizeof(Ipv6Header) + ipv6().payload_length.value();
    if (ipv6().version() != 6 || !fits(l3_offset_, total)) return false;
    version_ = 6;
    l3_end_ = l3_offset_ + total;
    l4_offset_ = l3_offset_ + sizeof(Ipv6Header);
    std::uint8_t next = ipv6().next_header;
    for (int extensions = 0; extensions < kMostExtensions && is_extension(next); ++extensions) {
        if (!fits(l4_offset_, 8)) return false;
        const auto* extension = at<std::uint8_t>(l4_offset_);
        next = extension[0];
        l4_offset_ += 8 + std::size_t{8} * extension[1];
    }
    protocol_ = static_cast<IpProtocol>(next);
    return find_l4();
}

bool TransportView::find_l4() {
    if (is_tcp()) {
        if (!fits(l4_offset_, sizeof(TcpHeader)) || tcp().header_length() < sizeof(TcpHeader)) return false;
        header_length_ = l4_offset_ + tcp().header_length();
    } else if (is_udp()) {
        header_length_ = l4_offset_ + sizeof(UdpHeader);
    }
    return header_length_ != 0 && header_length_ <= l3_end_;
}

void TransportView::set_l3_end(std::size_t l3_end) {
    l3_end_ = l3_end;
    if (is_ipv4()) {
        Ipv4Header& header = ipv4();
        header.total_length = Be16{static_cast<std::uint16_t>(l3_end - l3_offset_)};
        header.checksum = {};
        header.checksum = checksum_of(frame_.subspan(l3_offset_, header.header_length()));
    } else {
        ipv6().payload_length = Be16{static_cast<std::uint16_t>(l3_end - l3_offset_ - sizeof(Ipv6Header))};
    }
    if (is_udp()) udp().length = Be16{static_cast<std::uint16_t>(l3_end - l4_offset_)};
}

ChecksumSum TransportView::pseudo_header() const {
    const std::size_t length = l3_end_ - l4_offset_;
    return is_ipv4() ? pseudo_header_sum(ipv4().source, ipv4().destination, protocol_, length)
                     : pseudo_header_sum(ipv6().source, ipv6().destination, protocol_, length);
}

void TransportView::compute_checksum() {
    Be16& field = checksum_field();
    field = {};
    const Be16 sum = pseudo_header().add(frame_.subspan(l4_offset_, l3_end_ - l4_offset_)).checksum();
    field = sum == Be16{} ? Be16{0xffff} : sum;  // RFC 768: zero would say that there is none
}

bool TransportView::checksum_holds() const {
    return pseudo_header().add(frame_.subspan(l4_offset_, l3_end_ - l4_offset_)).folded() == 0xffff;
}

TransportView TransportView::over(Packet& packet) const {
    TransportView view = *this;
    view.frame_ = packet.bytes();
    return view;
}

}  // namespace hairpin::l2
