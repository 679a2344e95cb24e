#include "gateway/identification.h"

#include "net/checksum.h"

namespace hairpin::gateway {

void identify(FrameView& frame, Be16 identification) {
    Ipv4Header& ip = frame.ipv4();
    const ChecksumSum change = ChecksumSum{}.subtract(ip.identification).add(identification);
    ip.identification = identification;
    ip.checksum = ChecksumDelta{change}.applied_to(ip.checksum);
}

Identifications::Sequence Identifications::sequence(Ipv4Address source, Ipv4Address destination, IpProtocol protocol) const {
    const std::uint64_t addresses = std::uint64_t{source.number()} << 32 | destination.number();
    const std::uint64_t hash = keyed_hash(addresses, static_cast<std::uint64_t>(protocol), secret_);
    return {hash % kCounters, static_cast<std::uint16_t>(hash >> 48)};
}

Be16 Identifications::next(Ipv4Address source, Ipv4Address destination, IpProtocol protocol, unsigned count) {
    const auto [counter, begins] = sequence(source, destination, protocol);
    const auto first = static_cast<std::uint16_t>(counters_[counter] + begins);
    counters_[counter] = static_cast<std::uint16_t>(counters_[counter] + count);
    return Be16{first};
}

// Whoever cuts a super-packet into segments counts on from the identification that it has.
Be16 Identifications::next_for(const FrameView& frame) {
    const Ipv4Header& ip = frame.ipv4();
    const Offload& offload = frame.packet().offload;
    unsigned datagrams = 1;
    if (offload.segmentation != Segmentation::none && offload.segment_size != 0)
        datagrams = static_cast<unsigned>(frame.l3_length() / offload.segment_size + 1);
    return next(ip.source, ip.destination, ip.protocol(), datagrams);
}

Be16 Identifications::upcoming_for(const FrameView& frame) const {
    const Ipv4Header& ip = frame.ipv4();
    const auto [counter, begins] = sequence(ip.source, ip.destination, ip.protocol());
    return Be16{static_cast<std::uint16_t>(counters_[counter] + begins)};
}

}  // namespace hairpin::gateway
