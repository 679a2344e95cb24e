#include "switch/vxlan/inner_packet.h"

#include <cstddef>
#include <cstring>

#include "net/ethernet.h"
#include "switch/segmentation.h"
#include "switch/transport_view.h"

namespace hairpin::l2 {

namespace {

std::uint64_t eight_bytes(const void* from) {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

Segmentation segmentation_of(const TransportView& view) {
    if (view.is_udp()) return Segmentation::udp;
    return view.is_ipv4() ? Segmentation::tcp4 : Segmentation::tcp6;
}

// A super-packet without a size of its segments is none: a datagram of UDP ends where it ends.
std::size_t segment_size_of(const TransportView& view, std::uint16_t told, unsigned mtu) {
    if (told != 0) return told;
    const std::size_t headers = view.header_length() - view.l3_offset();
    return view.is_tcp() && headers < mtu ? mtu - headers : 0;
}

}  // namespace

void describe_inner(Packet& packet, const VxlanDatagrams::Datagram& datagram, unsigned mtu) {
    TransportView view = TransportView::find(packet);
    if (!view || (view.is_udp() && view.udp().checksum == Be16{})) return;
    if (!view.checksum_is_partial()) {
        if (datagram.one_of_several && view.checksum_holds()) packet.offload.checksum = ChecksumState::verified;
        return;
    }
    if (view.l3_end() != packet.size()) {  // padding, which a device that completes the checksum would sum up
        view.compute_checksum();
        return;
    }
    packet.offload.checksum = ChecksumState::partial;
    packet.offload.checksum_start = static_cast<std::uint16_t>(view.l4_offset());
    packet.offload.checksum_offset = static_cast<std::uint16_t>(view.checksum_offset());
    if (view.l3_end() - view.l3_offset() <= mtu && datagram.segment_size == 0) return;
    const std::size_t segment = segment_size_of(view, datagram.segment_size, mtu);
    if (segment == 0 || view.payload_length() <= segment || view.payload_length() > segment * kMostSegments) return;
    packet.offload.segmentation = segmentation_of(view);
    packet.offload.segment_size = static_cast<std::uint16_t>(segment);
    packet.offload.header_length = static_cast<std::uint16_t>(view.header_length());
}

std::uint32_t inner_flow(Packet& packet, const HashKey& key) {
    const TransportView view = TransportView::find(packet);
    std::uint64_t hash = 0;
    if (view) {
        const std::uint64_t ports = std::uint64_t{view.udp().source_port.raw()} << 16 | view.udp().destination_port.raw();
        const std::uint64_t protocol = view.is_tcp() ? 6 : 17;
        const std::byte* header = packet.data() + view.l3_offset();
        if (view.is_ipv4()) {
            hash = keyed_hash(eight_bytes(header + offsetof(Ipv4Header, source)), ports << 8 | protocol, key);
        } else {
            const std::byte* addresses = header + offsetof(Ipv6Header, source);
            hash = keyed_hash(eight_bytes(addresses), eight_bytes(addresses + 8), key);
            hash = keyed_hash(hash ^ eight_bytes(addresses + 16), eight_bytes(addresses + 24), key);
            hash = keyed_hash(hash, ports << 8 | protocol, key);
        }
    } else if (packet.size() >= sizeof(EthernetHeader)) {
        hash = keyed_hash(eight_bytes(packet.data()), eight_bytes(packet.data() + sizeof(EthernetHeader) - 8), key);
    }
    return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace hairpin::l2
