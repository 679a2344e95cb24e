#include "gateway/icmp/icmp_messages.h"

#include <algorithm>
#include <cstring>

#include "gateway/rewrite.h"
#include "net/checksum.h"

namespace hairpin::gateway {

namespace {

constexpr std::size_t kLargestError = 576;       // bytes of IP packet, RFC 1812 4.3.2.3
constexpr std::uint8_t kInternetControl = 0xc0;  // precedence 6, RFC 1812 4.3.2.5
constexpr std::size_t kIcmpHeaders = sizeof(EthernetHeader) + sizeof(Ipv4Header) + sizeof(IcmpHeader);
constexpr std::size_t kLargestQuote = kLargestError - sizeof(Ipv4Header) - sizeof(IcmpHeader);

// An offender whose checksum somebody else was to complete is quoted with the one that would have been on the wire. A super-packet
// would never have been there as it is, so it has none.
void complete_quoted_checksum(const Packet& offender, std::span<std::byte> quote) {
    const Offload& offload = offender.offload;
    if (offload.checksum != ChecksumState::partial || offload.segmentation != Segmentation::none) return;
    const std::size_t field = std::size_t{offload.checksum_start} + offload.checksum_offset;
    if (field + sizeof(Be16) > sizeof(EthernetHeader) + quote.size() || offload.checksum_start < sizeof(EthernetHeader)) return;
    const Be16 sum = checksum_of(offender.bytes().subspan(offload.checksum_start));
    const Be16 checksum = sum == Be16{} ? Be16{0xffff} : sum;
    std::memcpy(quote.data() + field - sizeof(EthernetHeader), &checksum, sizeof checksum);
}

// Ethernet without addresses, IPv4 and ICMP in front of what stands behind them already; completes both checksums.
void write_headers(Packet& message, Ipv4Header ip, IcmpHeader icmp) {
    EthernetHeader ethernet;
    ethernet.type = Be16{static_cast<std::uint16_t>(EtherType::ipv4)};
    ip.total_length = Be16{static_cast<std::uint16_t>(message.size() - sizeof ethernet)};
    ip.protocol_number = static_cast<std::uint8_t>(IpProtocol::icmp);
    ip.checksum = checksum_of(std::as_bytes(std::span{&ip, 1}));
    icmp.checksum = ChecksumSum{}.add(std::as_bytes(std::span{&icmp, 1})).add(message.bytes().subspan(kIcmpHeaders)).checksum();

    std::byte* const at = message.data();
    std::memcpy(at, &ethernet, sizeof ethernet);
    std::memcpy(at + sizeof ethernet, &ip, sizeof ip);
    std::memcpy(at + sizeof ethernet + sizeof ip, &icmp, sizeof icmp);
}

void write_error(Packet& message, const IcmpError& error, Ipv4Address source, Ipv4Address destination) {
    Ipv4Header ip;
    ip.type_of_service = kInternetControl;
    ip.flags_and_offset = Be16{Ipv4Header::kDontFragment};  // as small as it is, it needs no identification then (RFC 6864 §4.3)
    ip.time_to_live = kFirstTimeToLive;
    ip.source = source;
    ip.destination = destination;
    IcmpHeader icmp;
    icmp.type_number = static_cast<std::uint8_t>(error.type);
    icmp.code = error.code;
    icmp.identifier = Be16{static_cast<std::uint16_t>(error.pointer << 8)};
    icmp.sequence = Be16{error.mtu};
    write_headers(message, ip, icmp);
}

}  // namespace

bool deserves_error(const FrameView& frame) {
    const Ipv4Header& ip = frame.ipv4();
    if (frame.ethernet().destination.is_group() || ip.destination.is_multicast() || ip.destination.is_broadcast()) return false;
    if (ip.source.is_this_network() || ip.source.is_loopback() || ip.source.is_multicast() || ip.source.is_reserved())
        return false;
    if (ip.fragment_offset() != 0) return false;
    return ip.protocol() != IpProtocol::icmp || frame.icmp().is_query_request() || frame.icmp().is_query_reply();
}

bool deserves_error(const Packet& packet) {
    const FrameView frame = FrameView::parse(const_cast<Packet&>(packet));  // which only reads
    return frame && frame.is_ipv4() && deserves_error(frame);
}

void IcmpMessages::adopt(const IcmpSettings& settings) {
    errors_ = TokenBucket{settings.errors_per_second};
    echoes_ = TokenBucket{settings.echoes_per_second};
}

PacketPtr IcmpMessages::make_error(const Packet& offender, const IcmpError& error, Ipv4Address source, Timestamp now) {
    const FrameView about = FrameView::parse(const_cast<Packet&>(offender));  // which only reads
    if (!about || !about.is_ipv4() || !deserves_error(about)) return nullptr;
    if (!errors_.take(now)) return ++suppressed_, nullptr;

    const auto quote = about.l3_bytes().first(std::min(about.l3_length(), kLargestQuote));
    PacketPtr message = pool_.take_for(kIcmpHeaders + quote.size());
    if (!message) return ++suppressed_, nullptr;
    message->resize(kIcmpHeaders + quote.size());
    std::memcpy(message->data() + kIcmpHeaders, quote.data(), quote.size());
    complete_quoted_checksum(offender, message->bytes().subspan(kIcmpHeaders));
    write_error(*message, error, source, about.ipv4().source);
    return message;
}

PacketPtr make_echo_request(PacketPool& pool, const EchoRequest& request) {
    const std::size_t size = kIcmpHeaders + std::min(request.payload, EchoRequest::kLargestPayload);
    PacketPtr packet = pool.take_for(size);
    if (!packet) return nullptr;
    packet->resize(size);
    for (std::size_t i = kIcmpHeaders; i < size; ++i) packet->data()[i] = static_cast<std::byte>(i - kIcmpHeaders);
    Ipv4Header ip;
    ip.time_to_live = request.time_to_live;
    ip.source = request.source;
    ip.destination = request.destination;
    if (request.dont_fragment) ip.flags_and_offset = Be16{Ipv4Header::kDontFragment};
    // RFC 6864: what may be cut needs an identification that differs from packet to packet.
    ip.identification = Be16{request.sequence};
    IcmpHeader icmp;
    icmp.type_number = static_cast<std::uint8_t>(IcmpType::echo_request);
    icmp.identifier = Be16{request.identifier};
    icmp.sequence = Be16{request.sequence};
    write_headers(*packet, ip, icmp);
    return packet;
}

void turn_into_echo_reply(FrameView& request) {
    Ipv4Header& ip = request.ipv4();
    std::swap(ip.source, ip.destination);
    ip.time_to_live = kFirstTimeToLive;
    ip.checksum = Be16{};
    ip.checksum = checksum_of(request.l3_bytes().first(ip.header_length()));
    if (!request.has_l4()) return;

    IcmpHeader& icmp = request.icmp();
    const ChecksumSum change = ChecksumSum{}.subtract(Be16{static_cast<std::uint16_t>(icmp.type_number << 8)});
    icmp.type_number = static_cast<std::uint8_t>(IcmpType::echo_reply);
    // A partial checksum is yet to be summed, type and all.
    if (request.packet().offload.checksum != ChecksumState::partial)
        icmp.checksum = ChecksumDelta{change}.applied_to(icmp.checksum);
    mend_zero_checksum(request);
}

}  // namespace hairpin::gateway
