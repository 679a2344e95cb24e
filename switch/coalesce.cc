#include "switch/coalesce.h"

#include <algorithm>
#include <cstring>

#include "net/ethernet.h"
#include "switch/transport_view.h"

namespace hairpin::l2 {

namespace {

constexpr std::size_t kLongestL3 = 65535;

Segmentation kind_of(const TransportView& view) {
    if (view.is_udp()) return Segmentation::udp;
    return view.is_ipv4() ? Segmentation::tcp4 : Segmentation::tcp6;
}

bool is_vouched_for(const Packet& packet, const TransportView& view) {
    switch (packet.offload.checksum) {
        case ChecksumState::partial: return true;
        case ChecksumState::verified: return view.is_tcp() || view.udp().checksum != Be16{};  // a zero one must stay zero
        case ChecksumState::unknown: return false;
    }
    return false;
}

// Ordinary data, nothing before it but headers without options of IP, nothing behind it.
bool may_join(const Packet& packet, const TransportView& view) {
    if (!view || view.payload_length() == 0 || view.l3_end() != packet.size() || !is_vouched_for(packet, view)) return false;
    if (view.l4_offset() - view.l3_offset() != (view.is_ipv4() ? sizeof(Ipv4Header) : sizeof(Ipv6Header))) return false;
    if (view.is_udp()) return view.udp().length.value() == view.l3_end() - view.l4_offset();
    return (view.tcp().flags & ~TcpHeader::kPsh) == TcpHeader::kAck;
}

bool ip_continues(const Ipv4Header& first, const Ipv4Header& next, std::size_t position) {
    const auto expected_id = static_cast<std::uint16_t>(first.identification.value() + position);
    return first.source == next.source && first.destination == next.destination &&
           first.type_of_service == next.type_of_service && first.time_to_live == next.time_to_live &&
           first.flags_and_offset == next.flags_and_offset &&
           (first.dont_fragment() || next.identification.value() == expected_id);
}

bool ip_continues(const Ipv6Header& first, const Ipv6Header& next) {
    return first.version_class_flow == next.version_class_flow && first.hop_limit == next.hop_limit &&
           first.source == next.source && first.destination == next.destination;
}

// `distance`: payload bytes between the two segments' beginnings.
bool tcp_continues(const TcpHeader& first, const TcpHeader& next, std::size_t distance) {
    const auto options = [](const TcpHeader& header) { return reinterpret_cast<const std::byte*>(&header + 1); };
    return first.source_port == next.source_port && first.destination_port == next.destination_port &&
           next.sequence.value() == first.sequence.value() + static_cast<std::uint32_t>(distance) &&
           first.acknowledgment == next.acknowledgment && first.window == next.window &&
           first.data_offset_and_reserved == next.data_offset_and_reserved &&
           std::memcmp(options(first), options(next), first.header_length() - sizeof(TcpHeader)) == 0;
}

// Whether `next`, the packet at `position` of a run that `first` leads, continues it.
bool continues(const Packet& first_packet, const TransportView& first, Packet& next_packet, std::size_t position) {
    if (next_packet.offload.segmentation != Segmentation::none || next_packet.size() > first_packet.size()) return false;
    if (next_packet.size() < first.header_length() ||
        std::memcmp(first_packet.data(), next_packet.data(), first.l3_offset()) != 0)
        return false;
    const TransportView next = TransportView::find(next_packet);
    if (!may_join(next_packet, next) || next.is_ipv4() != first.is_ipv4() || next.is_tcp() != first.is_tcp()) return false;
    if (next.header_length() != first.header_length()) return false;
    if (first.is_ipv4() ? !ip_continues(first.ipv4(), next.ipv4(), position) : !ip_continues(first.ipv6(), next.ipv6()))
        return false;
    if (first.is_tcp()) return tcp_continues(first.tcp(), next.tcp(), position * first.payload_length());
    return first.udp().source_port == next.udp().source_port && first.udp().destination_port == next.udp().destination_port;
}

bool pushes(const TransportView& first, const Packet& packet) {
    if (!first.is_tcp()) return false;
    return reinterpret_cast<const TcpHeader*>(packet.data() + first.l4_offset())->has(TcpHeader::kPsh);
}

}  // namespace

std::size_t joinable(std::span<const PacketPtr> packets, const Capabilities& device) {
    Packet& first_packet = *packets.front();
    if (packets.size() < 2 || first_packet.offload.segmentation != Segmentation::none || !device.partial_checksum) return 1;
    const TransportView first = TransportView::find(first_packet);
    if (!first || !device.takes(kind_of(first)) || !may_join(first_packet, first)) return 1;

    // Any may be the last: one that is shorter than the first, or that pushes, is.
    const std::size_t most = std::min(
        {packets.size(), kLongestRun, (kLongestL3 - (first.header_length() - first.l3_offset())) / first.payload_length()});
    std::size_t count = 1;
    while (count < most && packets[count - 1]->size() == first_packet.size() && !pushes(first, *packets[count - 1]) &&
           continues(first_packet, first, *packets[count], count))
        ++count;
    return count;
}

std::size_t lead(std::span<const PacketPtr> run) {
    Packet& packet = *run.front();
    TransportView view = TransportView::find(packet);
    std::size_t l3_end = packet.size();
    for (const PacketPtr& next : run.subspan(1)) l3_end += next->size() - view.header_length();

    packet.offload = {.checksum = ChecksumState::partial,
                      .segmentation = kind_of(view),
                      .segment_size = static_cast<std::uint16_t>(view.payload_length()),
                      .header_length = static_cast<std::uint16_t>(view.header_length()),
                      .checksum_start = static_cast<std::uint16_t>(view.l4_offset()),
                      .checksum_offset = static_cast<std::uint16_t>(view.checksum_offset())};
    if (pushes(view, *run.back())) view.tcp().flags |= TcpHeader::kPsh;
    view.set_l3_end(l3_end);
    view.leave_checksum_partial();
    return view.header_length();
}

}  // namespace hairpin::l2
