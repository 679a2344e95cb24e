#include "gateway/admission.h"

namespace hairpin::gateway {

namespace {

// RFC 7126 §4.3 and 4.4: loose (131) and strict (137) source routes are not followed. Options that are no list are no options.
bool has_source_route(const FrameView& frame) {
    const auto options = frame.l3_bytes().first(frame.ipv4().header_length()).subspan(sizeof(Ipv4Header));
    for (std::size_t at = 0; at < options.size();) {
        const auto type = static_cast<std::uint8_t>(options[at]);
        if (type == 0) return false;
        if (type == 131 || type == 137) return true;
        if (type == 1) {
            ++at;
            continue;
        }
        if (at + 1 >= options.size() || static_cast<std::uint8_t>(options[at + 1]) < 2) return true;
        at += static_cast<std::uint8_t>(options[at + 1]);
    }
    return false;
}

// RFC 1812 5.3.7: a source that is no host's own address.
bool is_martian_source(Ipv4Address source) {
    return source.is_this_network() || source.is_loopback() || source.is_multicast() || source.is_reserved();
}
bool is_martian_destination(Ipv4Address destination) {
    return destination.is_this_network() || destination.is_loopback() || destination.is_multicast() || destination.is_reserved();
}

}  // namespace

std::optional<DropReason> objection(const FrameView& frame, const Interface& inbound, const Ruleset&,
                                    const LocalAddresses& local) {
    const EthernetHeader& ethernet = frame.ethernet();
    const Ipv4Header& ip = frame.ipv4();
    if (ethernet.destination.is_group()) return DropReason::link_broadcast;
    if (ethernet.destination != inbound.mac) return DropReason::not_for_gateway;
    if (is_martian_source(ip.source) || ip.source == ip.destination) return DropReason::martian_source;
    // The gateway's own, or a broadcast of one of its subnets.
    if (local.find(ip.source) != LocalAddress::none) return DropReason::martian_source;
    if (is_martian_destination(ip.destination)) return DropReason::martian_destination;
    if (has_source_route(frame)) return DropReason::options_not_allowed;
    return std::nullopt;
}

}  // namespace hairpin::gateway
