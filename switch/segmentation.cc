#include "switch/segmentation.h"

#include <algorithm>
#include <cstring>

#include "switch/transport_view.h"

namespace hairpin::l2 {

namespace {

struct Place {
    std::size_t index;   // of the piece
    std::size_t offset;  // of its first byte in the payload
    bool first, last;
};

void replicate_tcp(TcpHeader& tcp, const Place& place) {
    tcp.sequence = Be32{tcp.sequence.value() + static_cast<std::uint32_t>(place.offset)};
    if (!place.last) tcp.flags &= static_cast<std::uint8_t>(~(TcpHeader::kFin | TcpHeader::kPsh));
    if (!place.first) tcp.flags &= static_cast<std::uint8_t>(~kTcpCwr);
}

// The headers of `piece` are the super-packet's; makes them its own.
void finish_piece(Packet& piece, const TransportView& original, const Place& place) {
    // The lengths of the copied headers are the super-packet's, so the piece is seen through the original's offsets.
    TransportView view = original.over(piece);
    if (view.is_ipv4())
        view.ipv4().identification = Be16{static_cast<std::uint16_t>(view.ipv4().identification.value() + place.index)};
    if (view.is_tcp()) replicate_tcp(view.tcp(), place);
    view.set_l3_end(piece.size());
    view.compute_checksum();
    piece.offload.checksum = ChecksumState::verified;
}

bool fits_metadata(const TransportView& view, const Offload& offload) {
    switch (offload.segmentation) {
        case Segmentation::none: return false;
        case Segmentation::tcp4: return view.is_tcp() && view.is_ipv4();
        case Segmentation::tcp6: return view.is_tcp() && !view.is_ipv4();
        case Segmentation::udp: return view.is_udp();
    }
    return false;
}

}  // namespace

tl::expected<std::size_t, DropReason> cut_into_segments(Packet& super_packet, PacketPool& pool, Batch& pieces) {
    const TransportView view = TransportView::find(super_packet);
    const std::size_t segment_size = super_packet.offload.segment_size;
    if (!view || !fits_metadata(view, super_packet.offload) || segment_size == 0 || view.payload_length() == 0 ||
        view.payload_length() > segment_size * kMostSegments)
        return tl::unexpected(DropReason::malformed_offload);

    const std::size_t before = pieces.size();
    const std::size_t headers = view.header_length();
    const std::size_t payload = view.payload_length();
    for (std::size_t offset = 0; offset < payload; offset += segment_size) {
        const std::size_t length = std::min(segment_size, payload - offset);
        PacketPtr piece = pool.take_for(headers + length);
        if (!piece) {
            pieces.resize(before);
            return tl::unexpected(DropReason::no_buffer);
        }
        piece->resize(headers + length);
        piece->ingress = super_packet.ingress;
        piece->mark = super_packet.mark;
        std::memcpy(piece->data(), super_packet.data(), headers);
        std::memcpy(piece->data() + headers, super_packet.data() + headers + offset, length);
        finish_piece(*piece, view, {pieces.size() - before, offset, offset == 0, offset + length == payload});
        pieces.push_back(std::move(piece));
    }
    return pieces.size() - before;
}

}  // namespace hairpin::l2
