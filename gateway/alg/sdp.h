#pragma once
// A session description (RFC 4566) as it is read for the addresses and ports at which somebody awaits media.
//
//   v=0
//   o=alice 1 1 IN IP4 192.168.255.2         origin
//   c=IN IP4 192.168.255.2                   connection, for all media that have none of their own
//   m=audio 6000 RTP/AVP 0                   RTP at 6000, RTCP at 6001 (RFC 3550 §11), or where
//   a=rtcp:6003                              this line says (RFC 3605)
//
// At most kMostMedia m= lines, and kMostLines lines; what has more, or a line that is none, is not read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/alg/text_edits.h"
#include "net/ipv4_address.h"
#include "net/numbers.h"

namespace hairpin::gateway {

struct SdpAddress {
    Ipv4Address address;
    std::size_t at = 0, length = 0;  // where in the description it stands
};

struct SdpMedia {
    enum class Carries : std::uint8_t {
        rtp,        // and RTCP beside it
        datagrams,  // over UDP, by one port
        other,      // no datagrams: TCP
    };
    Carries carries = Carries::other;
    L4Port port;  // 0: the stream is refused
    std::size_t port_at = 0, port_length = 0;
    bool several_ports = false;                // "49170/2"
    std::optional<Ipv4Address> address;        // that counts for it: its own, or else the session's; none of IPv6, or of names
    std::optional<L4Port> rtcp;                // as a=rtcp: says
    std::size_t rtcp_at = 0, rtcp_length = 0;  // where its port stands
    std::optional<Ipv4Address> rtcp_address;   // that it says, too
    std::size_t end = 0;                       // behind its last line, where another may be put in

    // Where RTCP is awaited: beside RTP, if nothing else is said.
    L4Port rtcp_port() const { return rtcp.value_or(L4Port{static_cast<std::uint16_t>(port.number() + 1)}); }
};

struct Sdp {
    static constexpr std::size_t kMostMedia = 8, kMostLines = 512;

    std::vector<SdpAddress> addresses;  // of o=, c= and a=rtcp:
    std::vector<SdpMedia> media;
    bool has_candidates = false;         // of ICE (RFC 8839): its side knows its NAT
    std::string_view line_end = "\r\n";  // as its lines have it
    bool last_line_ends = true;
};

// A description that is not, or not exactly, one: nullopt.
std::optional<Sdp> read_sdp(std::string_view text);

// What of a media stream is told instead of its own ports. Without `rtp` it stays as it is; `rtcp` is of RTP alone.
struct SdpPorts {
    std::optional<L4Port> rtp, rtcp;
};
// How the description becomes one of somebody at another address: `told` has an entry for each media stream. Places are counted from `at` on.
// Where RTCP is not directly behind RTP, a line says where it is.
std::vector<TextEdit> sdp_edits(const Sdp& sdp, Ipv4Address own, Ipv4Address seen, std::span<const SdpPorts> told,
                                std::size_t at);

}  // namespace hairpin::gateway
