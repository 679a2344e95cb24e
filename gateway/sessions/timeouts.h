#pragma once
// How long a session lives without packets, by protocol and state: a row each, with a value for every profile.
//
// `rfc`, the default, is what the RFCs ask for, and where there is none, what does no harm. `nsx` is the Edge Gateway of NSX for vSphere:
// tcpTimeoutOpen, tcpTimeoutEstablished, tcpTimeoutClose, udpTimeout, icmpTimeout and ipGenericTimeout of its firewall's globalConfig
// (VMware KB 2101275). `linux` is what nf_conntrack has without being told otherwise (Documentation/networking/nf_conntrack-sysctl.rst;
// of DCCP, which that page leaves out, net/netfilter/nf_conntrack_proto_dccp.c). The last two are shorter than the RFCs allow.

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "net/numbers.h"
#include "net/time.h"

namespace hairpin::gateway {

enum class SessionState : std::uint8_t {
    opening,
    established,
    closing,
    closed,
    reset,
    udp,         // UDP and UDP-Lite, of which nobody has answered yet
    udp_stream,  // both sides have sent
    icmp,
    gre,
    gre_stream,
    esp,
    sctp_opening,
    sctp_established,
    sctp_closing,
    dccp_opening,
    dccp_established,
    dccp_closing,
    other,
};

// Of a protocol with connections, before the handshake is done.
constexpr bool is_half_open(SessionState state) {
    return state == SessionState::opening || state == SessionState::sctp_opening || state == SessionState::dccp_opening;
}

enum class TimeoutProfile : std::uint8_t { rfc, nsx, linux_kernel };  // `linux` is a macro of GNU C++

enum class Phase : std::uint8_t { transitory, lasting };  // of a connection: before and after it is up, and while it is

struct TimeoutRow {
    SessionState state;
    IpProtocol protocol;       // any: of whatever has no row of its own
    std::string_view name;     // what `show sessions` prints
    std::string_view setting;  // the leaf of the configuration that changes it
    Phase phase;
    std::chrono::seconds idle, nsx, linux_kernel;
    std::chrono::seconds least;  // what `source` requires; 0: nothing
    std::string_view source;     // of the profile rfc

    constexpr std::chrono::seconds of(TimeoutProfile profile) const {
        return profile == TimeoutProfile::rfc ? idle : profile == TimeoutProfile::nsx ? nsx : linux_kernel;
    }
};

// Indexed by SessionState.
inline constexpr auto kTimeoutRows = [] {
    using s = std::chrono::seconds;
    using State = SessionState;
    using Ip = IpProtocol;
    constexpr auto brief = Phase::transitory, lasting = Phase::lasting;
    return std::to_array<TimeoutRow>({
        {State::opening, Ip::tcp, "opening", "tcp-opening", brief, s{240}, s{30}, s{120}, s{240}, "RFC 5382 REQ-5"},
        {State::established, Ip::tcp, "established", "tcp-established", lasting, s{7440}, s{3600}, s{432000}, s{7440},
         "RFC 5382 REQ-5"},
        {State::closing, Ip::tcp, "closing", "tcp-closing", brief, s{240}, s{30}, s{120}, s{240}, "RFC 5382 REQ-5"},
        {State::closed, Ip::tcp, "closed", "tcp-closed", brief, s{240}, s{30}, s{120}, s{240}, "RFC 7857 §2.1"},
        {State::reset, Ip::tcp, "reset", "tcp-reset", brief, s{240}, s{30}, s{10}, s{240}, "RFC 7857 §2.2"},
        {State::udp, Ip::udp, "udp", "udp", lasting, s{300}, s{60}, s{30}, s{120}, "RFC 4787 REQ-5"},
        {State::udp_stream, Ip::udp, "udp-stream", "udp-stream", lasting, s{300}, s{60}, s{120}, s{120}, "RFC 4787 REQ-5"},
        {State::icmp, Ip::icmp, "icmp", "icmp", lasting, s{60}, s{10}, s{30}, s{60}, "RFC 5508 REQ-2"},
        // Unanswered it stands in the way of others who call the same peer (net/flow_identifiers.h), so it lasts no longer than need be.
        {State::gre, Ip::gre, "gre", "gre", brief, s{60}, s{120}, s{30}, s{0}, "no RFC"},
        {State::gre_stream, Ip::gre, "gre-stream", "gre-stream", lasting, s{600}, s{120}, s{180}, s{0}, "no RFC"},
        {State::esp, Ip::esp, "esp", "esp", lasting, s{600}, s{120}, s{600}, s{0}, "no RFC"},
        {State::sctp_opening, Ip::sctp, "sctp-opening", "sctp-opening", brief, s{240}, s{120}, s{3}, s{0}, "as TCP"},
        {State::sctp_established, Ip::sctp, "sctp-established", "sctp-established", lasting, s{7440}, s{120}, s{432000}, s{0},
         "as TCP"},
        {State::sctp_closing, Ip::sctp, "sctp-closing", "sctp-closing", brief, s{240}, s{120}, s{3}, s{0}, "as TCP"},
        {State::dccp_opening, Ip::dccp, "dccp-opening", "dccp-opening", brief, s{480}, s{120}, s{240}, s{480}, "RFC 5597"},
        {State::dccp_established, Ip::dccp, "dccp-established", "dccp-established", lasting, s{7440}, s{120}, s{43200}, s{7440},
         "RFC 5597"},
        {State::dccp_closing, Ip::dccp, "dccp-closing", "dccp-closing", brief, s{480}, s{120}, s{64}, s{480}, "RFC 5597"},
        {State::other, Ip::any, "other", "other", lasting, s{600}, s{120}, s{600}, s{0}, "no RFC"},
    });
}();

constexpr const TimeoutRow& row_of(SessionState state) { return kTimeoutRows[static_cast<std::size_t>(state)]; }

consteval bool timeout_rows_stand_in_order() {
    for (std::size_t i = 0; i < kTimeoutRows.size(); ++i)
        if (static_cast<std::size_t>(kTimeoutRows[i].state) != i || kTimeoutRows[i].idle < kTimeoutRows[i].least) return false;
    return kTimeoutRows.back().state == SessionState::other;
}
static_assert(timeout_rows_stand_in_order());

// The durations in force; starts as a profile's.
class Timeouts {
public:
    constexpr Timeouts() : Timeouts(TimeoutProfile::rfc) {}
    constexpr explicit Timeouts(TimeoutProfile profile) {
        for (std::size_t i = 0; i < kTimeoutRows.size(); ++i) idle_[i] = kTimeoutRows[i].of(profile);
    }
    constexpr Duration idle(SessionState state) const { return idle_[static_cast<std::size_t>(state)]; }
    constexpr void set(SessionState state, std::chrono::seconds idle) { idle_[static_cast<std::size_t>(state)] = idle; }
    friend bool operator==(const Timeouts&, const Timeouts&) = default;

private:
    std::array<std::chrono::seconds, kTimeoutRows.size()> idle_{};
};

// RFC 4787 REQ-5a: a service whose flows are over sooner than others', by the port that its client asks for.
struct UdpPortTimeout {
    L4Port port;
    std::chrono::seconds idle;
    friend bool operator==(const UdpPortTimeout&, const UdpPortTimeout&) = default;
};

}  // namespace hairpin::gateway
