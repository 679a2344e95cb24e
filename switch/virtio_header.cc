#include "switch/virtio_header.h"

#include "net/offload.h"
#include "switch/segmentation.h"
#include "switch/transport_view.h"

namespace hairpin::l2 {

namespace {

// A partial checksum of TCP or UDP stays partial until its egress; anywhere else in a frame it is finished here, so that nobody
// further on has to reckon with it.
bool apply_checksum(const VirtioHeader& header, const TransportView& view, Packet& packet) {
    if (std::size_t{header.checksum_start} + header.checksum_offset + sizeof(Be16) > packet.size()) return false;
    packet.offload.checksum = ChecksumState::partial;
    packet.offload.checksum_start = header.checksum_start;
    packet.offload.checksum_offset = header.checksum_offset;
    if (!view) {
        complete_checksum(packet);
        return true;
    }
    return header.checksum_start == view.l4_offset() && header.checksum_offset == view.checksum_offset();
}

Segmentation kind_of(const VirtioHeader& header, const TransportView& view) {
    switch (header.segmentation & ~VirtioHeader::kEcn) {
        case VirtioHeader::kTcp4: return view.is_tcp() && view.is_ipv4() ? Segmentation::tcp4 : Segmentation::none;
        case VirtioHeader::kTcp6: return view.is_tcp() && !view.is_ipv4() ? Segmentation::tcp6 : Segmentation::none;
        case VirtioHeader::kUdp: return view.is_udp() ? Segmentation::udp : Segmentation::none;
        default: return Segmentation::none;
    }
}

bool apply_segmentation(const VirtioHeader& header, const TransportView& view, Packet& packet) {
    const Segmentation kind = view ? kind_of(header, view) : Segmentation::none;
    if (kind == Segmentation::none || packet.offload.checksum != ChecksumState::partial) return false;
    if (header.segment_size == 0 || view.l3_end() != packet.size()) return false;
    if (view.payload_length() > kMostSegments * header.segment_size) return false;
    if (view.payload_length() <= header.segment_size) return true;  // one segment is an ordinary packet
    packet.offload.segmentation = kind;
    packet.offload.segment_size = header.segment_size;
    packet.offload.header_length = static_cast<std::uint16_t>(view.header_length());
    return true;
}

// RFC 3168: a device that cuts TCP must know that CWR belongs on the first segment alone.
bool announces_reduced_window(const Packet& packet) {
    if (packet.offload.segmentation == Segmentation::udp || packet.offload.checksum != ChecksumState::partial) return false;
    const auto* tcp = reinterpret_cast<const TcpHeader*>(packet.data() + packet.offload.checksum_start);
    return tcp->has(kTcpCwr);
}

std::uint8_t number_of(Segmentation segmentation) {
    switch (segmentation) {
        case Segmentation::none: return VirtioHeader::kNoSegmentation;
        case Segmentation::tcp4: return VirtioHeader::kTcp4;
        case Segmentation::tcp6: return VirtioHeader::kTcp6;
        case Segmentation::udp: return VirtioHeader::kUdp;
    }
    return VirtioHeader::kNoSegmentation;
}

}  // namespace

VirtioHeader VirtioHeader::describe(const Packet& packet) {
    const Offload& offload = packet.offload;
    VirtioHeader header;
    if (offload.checksum == ChecksumState::partial) {
        header.flags = kNeedsChecksum;
        header.checksum_start = offload.checksum_start;
        header.checksum_offset = offload.checksum_offset;
    } else if (offload.checksum == ChecksumState::verified) {
        header.flags = kDataValid;
    }
    if (offload.segmentation != Segmentation::none) {
        header.segmentation = number_of(offload.segmentation);
        header.segment_size = offload.segment_size;
        header.header_length = offload.header_length;
        if (announces_reduced_window(packet)) header.segmentation |= kEcn;
    }
    return header;
}

bool VirtioHeader::apply_to(Packet& packet) const {
    packet.offload = {};
    if ((flags & kNeedsChecksum) == 0 && segmentation == kNoSegmentation) {
        if ((flags & kDataValid) != 0) packet.offload.checksum = ChecksumState::verified;
        return true;
    }
    const TransportView view = TransportView::find(packet);
    if ((flags & kNeedsChecksum) != 0 && !apply_checksum(*this, view, packet)) return false;
    return segmentation == kNoSegmentation || apply_segmentation(*this, view, packet);
}

}  // namespace hairpin::l2
