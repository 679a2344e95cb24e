#pragma once
// Why a packet was not forwarded. Every packet that goes nowhere has one of these: it is counted, it shows in `show drops` and
// in the trace. To add a reason, add an enumerator and its row; the static_assert below minds that they stay in step.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hairpin {

enum class DropReason : std::uint8_t {
    // The frame, at the switch
    runt,
    oversize,
    malformed_offload,
    source_not_station,
    link_local_control,
    vlan_illegal,
    vlan_not_allowed,
    no_egress,
    port_isolated,
    storm_control,
    mirror_port,
    loop_guard,
    multicast_no_listener,
    port_detached,
    port_down,
    egress_refused,
    ring_malformed,
    no_buffer,
    injected_fault,
    // The cable of a port that is impaired
    impairment_loss,
    impairment_queue_full,
    impairment_no_room,
    // The datagram that carries a frame, at a tunnel
    tunnel_malformed,
    tunnel_unknown_vni,
    tunnel_unknown_peer,
    tunnel_no_remote,
    tunnel_too_big,
    // The packet, at the gateway
    not_for_gateway,
    unsupported_ether_type,
    header_malformed,
    header_checksum,
    l4_checksum,
    martian_source,
    martian_destination,
    spoofed_source,
    link_broadcast,
    options_not_allowed,
    options_malformed,
    ttl_expired,
    no_route,
    too_big,
    loop_to_ingress,
    // ARP and neighbours
    arp_malformed,
    arp_not_ours,
    arp_conflict,
    neighbor_queue_full,
    neighbor_unresolved,
    // Fragments
    fragment_overlap,
    fragment_tiny,
    fragment_oversize,
    fragment_table_full,
    fragment_timeout,
    // Sessions, firewall, NAT
    no_session,
    invalid_state,
    wrong_interface,
    firewall_denied,
    session_table_full,
    session_limit,
    server_not_open,
    nat_exhausted,
    nat_quota,
    nat_conflict,
    nat_filtered,
    nat_unsupported,
    icmp_no_session,
    icmp_not_forwarded,
    icmp_out_of_window,
    icmp_rate_limited,
    no_local_service,
    forwarding_disabled,
};

struct DropReasonRow {
    DropReason reason;
    std::string_view name;
    std::string_view description;
};

inline constexpr auto kDropReasons = std::to_array<DropReasonRow>({
    {DropReason::runt, "runt", "frame shorter than its headers"},
    {DropReason::oversize, "oversize", "frame longer than the port's MTU allows"},
    {DropReason::malformed_offload, "malformed-offload", "offload metadata that does not fit the frame"},
    {DropReason::source_not_station, "source-not-station", "source MAC is a group address or zero"},
    {DropReason::link_local_control, "link-local-control", "01-80-C2-00-00-0x: for the next bridge alone, never forwarded"},
    {DropReason::vlan_illegal, "vlan-illegal", "802.1Q tag with VLAN 4095, or a tag within a tag"},
    {DropReason::vlan_not_allowed, "vlan-not-allowed", "the port does not admit this VLAN"},
    {DropReason::no_egress, "no-egress", "nobody but the sender is on this segment and VLAN"},
    {DropReason::port_isolated, "port-isolated", "both the port that it came in by and the one it is for are isolated"},
    {DropReason::storm_control, "storm-control", "more for everybody than the port may send (switch port NAME storm-control)"},
    {DropReason::mirror_port, "mirror-port", "came in by a port that is the destination of a mirror, and only sends"},
    {DropReason::loop_guard, "loop-guard", "at a port that loop guard has shut, because our own frames came back by it"},
    {DropReason::multicast_no_listener, "multicast-no-listener",
     "to a multicast group that no port has asked for, and no router is known"},
    {DropReason::port_detached, "port-detached", "the port has lost its device"},
    {DropReason::port_down, "port-down", "the port's cable is pulled: it is set down, or flaps"},
    {DropReason::egress_refused, "egress-refused", "the port's device took no more, or refused the frame"},
    {DropReason::ring_malformed, "ring-malformed", "a guest's driver broke the rules of a virtqueue, which is not used any more"},
    {DropReason::no_buffer, "no-buffer", "the packet pool is empty"},
    {DropReason::injected_fault, "injected-fault", "a fault that was asked for"},
    {DropReason::impairment_loss, "impairment-loss", "lost on the way, as the impairment of its port says"},
    {DropReason::impairment_queue_full, "impairment-queue-full", "the queue in front of its port's rate is full"},
    {DropReason::impairment_no_room, "impairment-no-room", "more packets wait on impaired ports than there is memory for"},
    {DropReason::tunnel_malformed, "tunnel-malformed", "no VXLAN datagram: too short, or without the I flag (RFC 7348 5)"},
    {DropReason::tunnel_unknown_vni, "tunnel-unknown-vni", "a VXLAN datagram of a VNI that no port carries (RFC 7348 4.1)"},
    {DropReason::tunnel_unknown_peer, "tunnel-unknown-peer", "a VXLAN datagram from an address that is no remote of its port"},
    {DropReason::tunnel_no_remote, "tunnel-no-remote", "for a station that no remote is known for, and none is flooded to"},
    {DropReason::tunnel_too_big, "tunnel-too-big",
     "longer than the outer MTU with what the tunnel adds, and never fragmented (RFC 7348 4.3)"},
    {DropReason::not_for_gateway, "not-for-gateway", "frame for another station reached the gateway (flooded)"},
    {DropReason::unsupported_ether_type, "unsupported-ether-type", "neither IPv4 nor ARP"},
    {DropReason::header_malformed, "header-malformed", "IP or L4 header shorter than it says, or of a wrong version"},
    {DropReason::header_checksum, "header-checksum", "IPv4 header checksum does not hold (RFC 1812 4.2.2.5)"},
    {DropReason::l4_checksum, "l4-checksum", "ICMP checksum, or a quoted header's, does not hold (RFC 5508 REQ-3)"},
    {DropReason::martian_source, "martian-source", "source address that no host may send from here (RFC 1812 5.3.7)"},
    {DropReason::martian_destination, "martian-destination", "destination address that must not be forwarded (RFC 1812 5.3.7)"},
    {DropReason::spoofed_source, "spoofed-source",
     "the route back to its source does not lead to where it came in (BCP 38, RFC 3704)"},
    {DropReason::link_broadcast, "link-broadcast", "unicast packet in a broadcast frame (RFC 1812 5.3.4)"},
    {DropReason::options_not_allowed, "options-not-allowed", "source route, record route or timestamp (RFC 7126)"},
    {DropReason::options_malformed, "options-malformed", "IP options that cannot be read; ICMP 12/0 was owed"},
    {DropReason::ttl_expired, "ttl-expired", "time to live used up; ICMP 11/0 was owed"},
    {DropReason::no_route, "no-route", "no route to the destination; ICMP 3/0 was owed"},
    {DropReason::too_big, "too-big", "larger than the next link's MTU with DF set; ICMP 3/4 was owed"},
    {DropReason::loop_to_ingress, "loop-to-ingress", "the packet would go out to the gateway itself"},
    {DropReason::arp_malformed, "arp-malformed", "ARP that is not for IPv4 over Ethernet, or from an impossible sender"},
    {DropReason::arp_not_ours, "arp-not-ours", "ARP for somebody else's address"},
    {DropReason::arp_conflict, "arp-conflict", "another station claims an address of the gateway (RFC 5227)"},
    {DropReason::neighbor_queue_full, "neighbor-queue-full", "too many packets wait for this neighbour's ARP reply"},
    {DropReason::neighbor_unresolved, "neighbor-unresolved", "the neighbour did not answer ARP; ICMP 3/1 was owed"},
    {DropReason::fragment_overlap, "fragment-overlap", "fragments overlap (RFC 1858, 5722)"},
    {DropReason::fragment_tiny, "fragment-tiny", "first fragment too short to hold the L4 header (RFC 1858, 3128)"},
    {DropReason::fragment_oversize, "fragment-oversize", "fragment ends beyond 65535 bytes"},
    {DropReason::fragment_table_full, "fragment-table-full", "too many packets are being reassembled, or too many pieces of one"},
    {DropReason::fragment_timeout, "fragment-timeout", "the missing fragments did not come in time"},
    {DropReason::no_session, "no-session", "a reply to nothing: no session and not the first packet of one"},
    {DropReason::invalid_state, "invalid-state",
     "does not fit its session: the TCP state or window, or which way an ICMP query goes"},
    {DropReason::wrong_interface, "wrong-interface", "came in by another interface than its session's packets do (RFC 3704)"},
    {DropReason::firewall_denied, "firewall-denied", "a firewall rule, or the default, says drop or reject"},
    {DropReason::session_table_full, "session-table-full", "no room for another session; an ICMP error was owed"},
    {DropReason::session_limit, "session-limit",
     "whoever begins it, or the rule that accepts it, has as many sessions as allowed; an ICMP error was owed"},
    {DropReason::server_not_open, "server-not-open",
     "for a server that has not opened its side of a connection yet whose handshake the gateway makes (syn-proxy)"},
    {DropReason::nat_exhausted, "nat-exhausted", "no free port for the translation; an ICMP error was owed"},
    {DropReason::nat_quota, "nat-quota", "its host has as many outside ports as it may; an ICMP error was owed"},
    {DropReason::nat_conflict, "nat-conflict",
     "the translation cannot be told apart from another session's; an ICMP error was owed"},
    {DropReason::nat_filtered, "nat-filtered", "for a mapping that does not let the sender in (RFC 4787 5)"},
    {DropReason::nat_unsupported, "nat-unsupported",
     "a translation would apply, but the protocol vouches for its addresses (AH)"},
    {DropReason::icmp_no_session, "icmp-no-session", "ICMP error about a packet of no session (RFC 5508 REQ-4)"},
    {DropReason::icmp_not_forwarded, "icmp-not-forwarded",
     "a redirect, a source quench, or what is neither an ICMP error nor an echo or timestamp (RFC 5508 REQ-11)"},
    {DropReason::icmp_out_of_window, "icmp-out-of-window", "ICMP error about a TCP segment that is not on its way (RFC 5927)"},
    {DropReason::icmp_rate_limited, "icmp-rate-limited", "an echo request beyond the rate that the gateway answers"},
    {DropReason::no_local_service, "no-local-service", "addressed to the gateway, where nothing listens"},
    {DropReason::forwarding_disabled, "forwarding-disabled", "no rules are loaded yet: the gateway fails closed"},
});

inline constexpr std::size_t kDropReasonCount = kDropReasons.size();

consteval bool drop_reasons_stand_in_order() {
    for (std::size_t i = 0; i < kDropReasons.size(); ++i)
        if (static_cast<std::size_t>(kDropReasons[i].reason) != i) return false;
    return kDropReasons.back().reason == DropReason::forwarding_disabled;
}
static_assert(drop_reasons_stand_in_order(), "each DropReason has exactly one row, in the enumerators' order");

constexpr std::string_view name_of(DropReason reason) { return kDropReasons[static_cast<std::size_t>(reason)].name; }
constexpr std::string_view description_of(DropReason reason) {
    return kDropReasons[static_cast<std::size_t>(reason)].description;
}

constexpr std::optional<DropReason> parse_drop_reason(std::string_view name) {
    for (const DropReasonRow& row : kDropReasons)
        if (row.name == name) return row.reason;
    return std::nullopt;
}

}  // namespace hairpin
