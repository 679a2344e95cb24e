#include "gateway/admission.h"

#include "gateway/ip_options.h"

namespace hairpin::gateway {

namespace {

// RFC 1812 5.3.7: a source that is no host's own address.
bool is_martian_source(Ipv4Address source) {
    return source.is_this_network() || source.is_loopback() || source.is_multicast() || source.is_reserved();
}
bool is_martian_destination(Ipv4Address destination) {
    return destination.is_this_network() || destination.is_loopback() || destination.is_multicast() || destination.is_reserved();
}

// RFC 7126 §4.3 and 4.4: loose and strict source routes are not followed.
std::optional<DropReason> objection_to(const OptionsRead& options, const IpOptionSettings& settings) {
    if (options.source_route) return DropReason::options_not_allowed;
    if (options.record_route && settings.record_route == OptionTreatment::drop) return DropReason::options_not_allowed;
    if (options.timestamp && settings.timestamp == OptionTreatment::drop) return DropReason::options_not_allowed;
    if (options.problem) return DropReason::options_malformed;
    return std::nullopt;
}

}  // namespace

std::optional<DropReason> objection(const FrameView& frame, const Interface& inbound, const Ruleset& ruleset,
                                    const LocalAddresses& local) {
    const EthernetHeader& ethernet = frame.ethernet();
    const Ipv4Header& ip = frame.ipv4();
    if (ethernet.destination.is_group()) return DropReason::link_broadcast;
    if (ethernet.destination != inbound.mac) return DropReason::not_for_gateway;
    if (is_martian_source(ip.source) || ip.source == ip.destination) return DropReason::martian_source;
    // The gateway's own, or a broadcast of one of its subnets.
    if (local.find(ip.source) != LocalAddress::none) return DropReason::martian_source;
    if (is_martian_destination(ip.destination)) return DropReason::martian_destination;
    if (ip.header_length() == sizeof(Ipv4Header)) return std::nullopt;
    return objection_to(read_options(frame.l3_bytes().first(ip.header_length())), ruleset.ip_options);
}

}  // namespace hairpin::gateway
