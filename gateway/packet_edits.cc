#include "gateway/packet_edits.h"

#include <algorithm>
#include <cstring>

#include "net/checksum.h"
#include "net/result.h"
#include "net/tcp_options.h"
#include "net/udp.h"

namespace hairpin::gateway {

namespace {

std::span<std::byte> header_of(const FrameView& segment) { return segment.l4_bytes().first(segment.tcp().header_length()); }

// From the sum of some bytes to that of others, each summed up from its first byte.
ChecksumDelta from_to(const ChecksumSum& before, const ChecksumSum& after) {
    return ChecksumDelta{ChecksumSum{}.subtract(before.partial()).add(after.partial())};
}

template <class Change>
void change_header(FrameView& segment, Change&& change) {
    const std::span<std::byte> header = header_of(segment);
    const ChecksumSum before = ChecksumSum{}.add(header);
    change(segment.tcp());
    if (segment.packet().offload.checksum == ChecksumState::partial) return;
    const ChecksumDelta delta = from_to(before, ChecksumSum{}.add(header));
    segment.tcp().checksum = delta.applied_to(segment.tcp().checksum);
}

std::uint32_t number_at(std::span<const std::byte> bytes, std::size_t at) {
    Be32 number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number.value();
}
void put_number(std::span<std::byte> bytes, std::size_t at, std::uint32_t value) {
    const Be32 number{value};
    std::memcpy(bytes.data() + at, &number, sizeof number);
}

}  // namespace

void set_sequence(FrameView& segment, std::uint32_t sequence) {
    if (segment.tcp().sequence.value() == sequence) return;
    change_header(segment, [&](TcpHeader& header) { header.sequence = Be32{sequence}; });
}

void set_window(FrameView& segment, std::uint16_t window) {
    if (segment.tcp().window.value() == window) return;
    change_header(segment, [&](TcpHeader& header) { header.window = Be16{window}; });
}

void change_acknowledgments(FrameView& segment, const NumberChange& change) {
    if (!segment.tcp().has(TcpHeader::kAck)) return;
    constexpr std::size_t kEdge = sizeof(Be32), kBlock = 2 * kEdge;
    change_header(segment, [&](TcpHeader& header) {
        header.acknowledgment = Be32{change.begins(header.acknowledgment.value())};
        const auto blocks = tcp_option(header_of(segment).subspan(sizeof(TcpHeader)), kTcpSelectiveAcknowledgments);
        for (std::size_t at = 0; at + kBlock <= blocks.size(); at += kBlock) {
            const std::uint32_t left = change.ends(number_at(blocks, at));
            const std::uint32_t right = change.begins(number_at(blocks, at + kEdge));
            put_number(blocks, at, left);
            // Nothing is left of a block that held a part of what was changed.
            put_number(blocks, at + kEdge, static_cast<std::int32_t>(right - left) < 0 ? left : right);
        }
    });
}

void replace_payload(FrameView& segment, std::span<const std::byte> payload) {
    Packet& packet = segment.packet();
    const std::size_t headers = segment.l3_length() - segment.l4_payload_length();
    const std::size_t new_length = headers + payload.size();
    ensure(new_length <= 0xffff && sizeof(EthernetHeader) + new_length <= packet.size() + packet.tailroom());

    const auto l4_sum = [&](std::span<const std::byte> l4) {
        return ChecksumSum{}.add(l4).add(Be16{static_cast<std::uint16_t>(l4.size())});
    };
    const ChecksumSum before = l4_sum(segment.l4_bytes());
    const auto l4_before = static_cast<std::uint16_t>(segment.l4_bytes().size());
    const std::size_t l4_offset = segment.l4_offset();

    Ipv4Header& ip = segment.ipv4();
    const Be16 length{static_cast<std::uint16_t>(new_length)};
    ip.checksum = ChecksumDelta{ChecksumSum{}.subtract(ip.total_length).add(length)}.applied_to(ip.checksum);
    ip.total_length = length;
    packet.resize(sizeof(EthernetHeader) + new_length);
    std::copy(payload.begin(), payload.end(), packet.bytes().end() - static_cast<std::ptrdiff_t>(payload.size()));

    const std::span<const std::byte> l4 = packet.bytes().subspan(l4_offset);
    const bool is_udp = ip.protocol() == IpProtocol::udp;
    auto& udp = *reinterpret_cast<UdpHeader*>(packet.data() + l4_offset);
    Be16& checksum = is_udp ? udp.checksum : reinterpret_cast<TcpHeader*>(packet.data() + l4_offset)->checksum;
    const bool none = is_udp && checksum == Be16{0} && packet.offload.checksum != ChecksumState::partial;
    if (is_udp) udp.length = Be16{static_cast<std::uint16_t>(l4.size())};
    if (packet.offload.checksum == ChecksumState::partial) {
        const ChecksumSum change = ChecksumSum{}.subtract(Be16{l4_before}).add(Be16{static_cast<std::uint16_t>(l4.size())});
        checksum = ChecksumDelta{change}.applied_to_partial(checksum);
    } else if (!none) {
        checksum = from_to(before, l4_sum(l4)).applied_to(checksum);
        if (is_udp && checksum == Be16{0}) checksum = Be16{0xffff};
    }
    segment = FrameView::parse(packet);
    ensure(segment && segment.has_l4());
}

}  // namespace hairpin::gateway
