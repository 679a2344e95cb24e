#include "gateway/fragments/fragmenter.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "net/checksum.h"
#include "net/offload.h"

namespace hairpin::gateway {

namespace {

constexpr std::size_t kUnit = 8;  // offsets count in it

// An IPv4 header as fragments carry it: options and all, 20 to 60 bytes.
struct HeaderBytes {
    std::array<std::byte, 60> bytes{};
    std::size_t size = 0;

    void append(std::span<const std::byte> more) {
        std::memcpy(bytes.data() + size, more.data(), more.size());
        size += more.size();
    }
};

// The header of all fragments but the first: of the options only those with the copied bit (RFC 791 §3.1). What follows a malformed
// option is no option that anybody could name, and stays behind.
HeaderBytes header_of_later_ones(std::span<const std::byte> header) {
    constexpr std::uint8_t kEnd = 0, kNoOperation = 1, kCopied = 0x80;
    HeaderBytes later;
    later.append(header.first(sizeof(Ipv4Header)));
    for (std::span<const std::byte> options = header.subspan(sizeof(Ipv4Header)); !options.empty();) {
        const auto type = std::to_integer<std::uint8_t>(options[0]);
        if (type == kEnd) break;
        std::size_t length = 1;
        if (type != kNoOperation) {
            if (options.size() < 2) break;
            length = std::to_integer<std::size_t>(options[1]);
            if (length < 2 || length > options.size()) break;
        }
        if ((type & kCopied) != 0) later.append(options.first(length));
        options = options.subspan(length);
    }
    later.size = (later.size + 3) / 4 * 4;  // the padding is zeros: end of options
    return later;
}

struct Cut {
    std::size_t offset;  // from the datagram's start
    std::span<const std::byte> payload;
    bool more;
};

void write_fragment(Packet& fragment, const FrameView& original, const HeaderBytes& header, const Cut& cut) {
    const std::size_t l3_length = header.size + cut.payload.size();
    fragment.resize(sizeof(EthernetHeader) + l3_length);
    fragment.ingress = original.packet().ingress;
    fragment.mark = original.packet().mark;
    std::byte* const l3 = fragment.data() + sizeof(EthernetHeader);
    std::memcpy(fragment.data(), original.packet().data(), sizeof(EthernetHeader));
    std::memcpy(l3, header.bytes.data(), header.size);
    std::memcpy(l3 + header.size, cut.payload.data(), cut.payload.size());

    auto& ip = *reinterpret_cast<Ipv4Header*>(l3);
    ip.version_and_length = static_cast<std::uint8_t>(0x40 | header.size / 4);
    ip.total_length = Be16{static_cast<std::uint16_t>(l3_length)};
    ip.flags_and_offset = Be16{static_cast<std::uint16_t>((cut.more ? Ipv4Header::kMoreFragments : 0) | cut.offset / kUnit)};
    ip.checksum = Be16{};
    ip.checksum = checksum_of({l3, header.size});
}

}  // namespace

bool fits(const FrameView& frame, unsigned mtu) {
    const Offload& offload = frame.packet().offload;
    if (offload.segmentation == Segmentation::none) return frame.l3_length() <= mtu;
    const std::size_t largest_segment = offload.header_length - sizeof(EthernetHeader) + offload.segment_size;
    return std::min(largest_segment, frame.l3_length()) <= mtu;
}

tl::expected<std::size_t, DropReason> cut_into_fragments(FrameView& frame, unsigned mtu, PacketPool& pool, Batch& fragments) {
    if (frame.packet().offload.segmentation != Segmentation::none) return tl::unexpected(DropReason::too_big);
    // The first fragment's checksum covers all of them, so whoever is to complete it would need them all.
    if (frame.packet().offload.checksum == ChecksumState::partial) complete_checksum(frame.packet());

    const Ipv4Header& ip = frame.ipv4();
    const std::span<const std::byte> l3 = frame.l3_bytes();
    HeaderBytes header;
    header.append(l3.first(ip.header_length()));
    const HeaderBytes later = header_of_later_ones(l3.first(ip.header_length()));
    if (mtu < header.size + kUnit) return tl::unexpected(DropReason::too_big);

    const std::size_t before = fragments.size();
    std::span<const std::byte> rest = l3.subspan(ip.header_length());
    std::size_t offset = ip.fragment_offset();
    while (!rest.empty()) {
        const std::size_t room = mtu - header.size;
        const std::size_t size = rest.size() <= room ? rest.size() : room / kUnit * kUnit;
        PacketPtr fragment = pool.take_for(sizeof(EthernetHeader) + header.size + size);
        if (!fragment) {
            fragments.resize(before);
            return tl::unexpected(DropReason::no_buffer);
        }
        // What is cut from a fragment that was not the last is not the last either.
        const bool more = size < rest.size() || ip.more_fragments();
        write_fragment(*fragment, frame, header, {offset, rest.first(size), more});
        fragments.push_back(std::move(fragment));
        rest = rest.subspan(size);
        offset += size;
        header = later;
    }
    return fragments.size() - before;
}

}  // namespace hairpin::gateway
