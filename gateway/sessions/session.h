#pragma once
// A session is two flows. The original flow's key is the first packet as it came in; the reply flow's key is what answers to
// the translated packet look like. Everything else follows from the two:
//
//                       source            destination
//   original key        192.168.255.2     203.0.113.80      stage 1   the workstation to the external address
//   becomes             192.168.255.1     192.168.255.10    stage 2   = reply key, reversed
//   reply key           192.168.255.10    192.168.255.1     stage 3   the server to the gateway
//   becomes             203.0.113.80      192.168.255.2     stage 4   = original key, reversed
//
// A record is 128 bytes without pointers: the first cache line holds what forwards a packet of an established session, the second
// the counts and what is asked for now and then. Owned by the SessionTable of one Worker.

#include <cstdint>
#include <optional>
#include <type_traits>

#include "gateway/firewall/rule.h"
#include "gateway/sessions/direction.h"
#include "gateway/sessions/peer_tags.h"
#include "gateway/sessions/tcp_track.h"
#include "gateway/sessions/tcp_tracking.h"
#include "gateway/sessions/timeouts.h"
#include "net/checksum.h"
#include "net/flow_identifiers.h"
#include "net/flow_key.h"
#include "net/time.h"

namespace hairpin::gateway {

using SessionIndex = std::uint32_t;
inline constexpr SessionIndex kNoSession = ~SessionIndex{0};

template <class Family>
struct alignas(64) SessionRecord {
    using Key = FlowKey<Family>;
    using Address = typename Family::Address;

    // First line.
    Key original_key;
    Key reply_key;
    std::uint16_t address_delta;  // of the original flow's rewrite; the reply's is the inverse
    std::uint16_t l4_delta;
    Address next_hop[2];    // of packets of each direction
    InterfaceId egress[2];  // where packets of each direction leave: original by the outbound, reply by the inbound interface
    SessionState state;
    std::uint8_t icmp_type;    // of the query that began it
    std::uint16_t wheel_slot;  // kNoSlot: the record is nobody's
    Tick last_seen;
    std::uint32_t decided_in : 23;       // the Ruleset that decided, or let it be, by its edition
    std::uint32_t holds_mapping : 1;     // as its source (gateway/nat/mapping.h)
    std::uint32_t by_mapping : 1;        // one let it in; dnat_rule is the snat rule that made that one
    std::uint32_t mapping_answered : 1;  // and the inside has answered
    std::uint32_t awaits_peer : 1;  // from the inside to a mapping that does not let it in: what answers is let in all the same
    std::uint32_t has_alg : 1;      // an application layer gateway listens to it, or has changed something in it
    std::uint32_t related : 1;      // another session has announced it (gateway/alg/)
    std::uint32_t proxied : 1;      // the gateway has made its handshake (gateway/syn_proxy/)
    std::uint32_t tracking : 2;     // the firewall rule's own TcpTracking and one; 0: as all
    RuleId firewall_rule, dnat_rule;

    // Second line.
    alignas(64) std::uint64_t bytes[2];
    std::uint32_t packets[2];
    RuleId snat_rule;
    std::uint32_t serial;  // tells this use of the record from the ones before
    SessionIndex wheel_previous, wheel_next;
    union {
        TcpTrack tcp;   // of TCP
        PeerTags peer;  // of SCTP and ESP
    };

    static constexpr std::uint16_t kNoSlot = 0xffff;
    bool alive() const { return wheel_slot != kNoSlot; }

    const Key& key(Direction direction) const { return direction == Direction::original ? original_key : reply_key; }
    // What a packet of this direction looks like once rewritten.
    Key rewritten(Direction direction) const {
        Key to = key(opposite(direction)).reversed();
        if (rewrites_identifiers(to.protocol)) return to;
        to.source_port = key(direction).source_port;
        to.destination_port = key(direction).destination_port;
        return to;
    }
    InterfaceId inbound() const { return egress[index_of(Direction::reply)]; }
    InterfaceId outbound() const { return egress[index_of(Direction::original)]; }
    bool hides_source() const {
        const Key to = rewritten(Direction::original);
        return to.source != original_key.source || to.source_port != original_key.source_port;
    }
    bool translated() const { return rewritten(Direction::original) != original_key; }
    // Generations are told apart by what of them has room: no session sleeps through 8 million commits.
    bool decided_by(std::uint64_t generation) const { return decided_in == (generation & 0x7f'ffff); }
    void decide_by(std::uint64_t generation) { decided_in = static_cast<std::uint32_t>(generation & 0x7f'ffff); }
    void track_as(std::optional<TcpTracking> own) { tracking = own ? (static_cast<std::uint32_t>(*own) + 1) & 3 : 0; }
    TcpTracking tracked_as(TcpTracking usual) const { return tracking == 0 ? usual : static_cast<TcpTracking>(tracking - 1); }
    std::uint64_t id() const { return std::uint64_t{serial}; }
};

using Session = SessionRecord<Ipv4Family>;
static_assert(sizeof(Session) == 128 && std::is_trivially_copyable_v<Session>);

}  // namespace hairpin::gateway
