#include "gateway/mss_clamp.h"

#include <algorithm>
#include <cstring>

#include "net/checksum.h"
#include "net/tcp_options.h"

namespace hairpin::gateway {

namespace {

constexpr unsigned kTcpIpHeaders = sizeof(Ipv4Header) + sizeof(TcpHeader);

// In a sum of 16-bit words a field at an odd offset counts with its bytes exchanged (RFC 1071 §2B).
Be16 as_summed(Be16 field, bool odd) {
    return odd ? Be16::from_raw(static_cast<std::uint16_t>(field.raw() << 8 | field.raw() >> 8)) : field;
}

}  // namespace

std::optional<std::uint16_t> largest_mss(const Interface& inbound, const Interface& outbound) {
    std::optional<std::uint16_t> limit;
    const unsigned fitting = std::min(inbound.mtu, outbound.mtu) - kTcpIpHeaders;
    for (const Interface* link : {&inbound, &outbound}) {
        if (!link->tcp_mss) continue;
        const auto its = static_cast<std::uint16_t>(*link->tcp_mss == kClampMssToMtu ? fitting : *link->tcp_mss);
        limit = limit ? std::min(*limit, its) : its;
    }
    return limit;
}

bool clamp_mss(FrameView& frame, std::uint16_t limit) {
    TcpHeader& header = frame.tcp();
    const auto options = frame.l4_bytes().subspan(sizeof(TcpHeader), header.header_length() - sizeof(TcpHeader));
    const auto field = tcp_option(options, kTcpMaximumSegmentSize);
    if (field.size() != sizeof(Be16)) return false;
    Be16 announced;
    std::memcpy(&announced, field.data(), sizeof announced);
    if (announced.value() <= limit) return false;
    const Be16 lowered{limit};
    std::memcpy(field.data(), &lowered, sizeof lowered);
    // A partial checksum is yet to be summed, options and all.
    if (frame.packet().offload.checksum == ChecksumState::partial) return true;
    const bool odd = (field.data() - options.data()) % 2 != 0;
    const ChecksumSum change = ChecksumSum{}.subtract(as_summed(announced, odd)).add(as_summed(lowered, odd));
    header.checksum = ChecksumDelta{change}.applied_to(header.checksum);
    return true;
}

}  // namespace hairpin::gateway
