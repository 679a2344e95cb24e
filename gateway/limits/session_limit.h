#pragma once
// How many sessions somebody may have, and how fast new ones may come. 0 is "no limit".

#include <cstdint>

#include "net/numbers.h"

namespace hairpin::gateway {

struct SessionLimit {
    // At once: of all protocols together, and of one of them. UDP-Lite is UDP here.
    std::uint32_t sessions = 0, tcp = 0, udp = 0, icmp = 0;
    std::uint32_t half_open = 0;   // of TCP, SCTP and DCCP, before the handshake is done
    std::uint32_t per_second = 0;  // new ones
    std::uint32_t burst = 0;       // as many may come at once; as per_second where it is 0

    bool any() const { return (sessions | tcp | udp | icmp | half_open | per_second) != 0; }
    friend bool operator==(const SessionLimit&, const SessionLimit&) = default;
};

// Of all sessions of the gateway, and of each host that begins some (RFC 6888 REQ-5).
struct SessionLimits {
    SessionLimit all;
    SessionLimit inside_host;   // by an internal interface
    SessionLimit outside_host;  // by any other
    friend bool operator==(const SessionLimits&, const SessionLimits&) = default;
};

// Of the sessions that a firewall rule accepts.
struct RuleLimits {
    SessionLimit all;
    SessionLimit per_source;  // of each host that begins some
    bool any() const { return all.any() || per_source.any(); }
    friend bool operator==(const RuleLimits&, const RuleLimits&) = default;
};

// How many outside ports the mappings of one inside host may have in use (RFC 6888 REQ-4).
struct PortQuota {
    std::uint32_t tcp = 0, udp = 0, icmp = 0;
    std::uint32_t per_second = 0, burst = 0;  // new mappings
    bool any() const { return (tcp | udp | icmp | per_second) != 0; }
    // 0: of this protocol there is no quota.
    std::uint32_t of(IpProtocol protocol) const {
        return protocol == IpProtocol::tcp ? tcp : protocol == IpProtocol::udp ? udp : protocol == IpProtocol::icmp ? icmp : 0;
    }
    friend bool operator==(const PortQuota&, const PortQuota&) = default;
};

}  // namespace hairpin::gateway
