#pragma once
// SYN cookies (RFC 4987 §3.6): what must be remembered of a SYN, put into the sequence number of the SYN-ACK that answers it, and recognised in
// the acknowledgment that the client sends then. Nothing is kept in between, so a flood of SYNs with false sources takes no room.
//
//   bit  31 ─────────── 9 8 ─ 6  5 ───── 2     1        0
//        proof (23 bits)   MSS   window scale  SACK   period       all of it masked by a keyed hash of the connection and the period
//
// A cookie is good for 32 to 64 s. A stranger who has not seen it guesses one in 2^23. TCP's other options are lost (timestamps, fast open).
// Owned by one SynProxy.

#include <cstdint>
#include <optional>

#include "net/flow_key.h"
#include "net/hash.h"
#include "net/time.h"

namespace hairpin::gateway {

// A client's SYN, as far as a cookie remembers it.
struct ClientSyn {
    std::uint32_t sequence = 0;                     // of the SYN itself
    std::uint16_t mss = 536;                        // RFC 9293 §3.7.1: of one that says none
    std::optional<std::uint8_t> window_scale = {};  // RFC 7323 §2
    bool selective_acknowledgments = false;         // RFC 2018 §2

    friend bool operator==(const ClientSyn&, const ClientSyn&) = default;
};

class SynCookies {
public:
    explicit SynCookies(HashKey secret) : secret_(secret) {}

    // `key`: of the SYN as it came in. Of its MSS the largest that the cookie can tell and that is not above it is remembered.
    std::uint32_t make(const Ipv4FlowKey& key, const ClientSyn& syn, Timestamp now) const;
    // The SYN that was answered by this cookie; nothing if none was, or too long ago. `sequence`: of that SYN, as the client tells it now.
    std::optional<ClientSyn> read(const Ipv4FlowKey& key, std::uint32_t sequence, std::uint32_t cookie, Timestamp now) const;

private:
    std::uint32_t mask(const Ipv4FlowKey& key, std::uint32_t sequence, std::uint32_t period) const;

    HashKey secret_;
};

}  // namespace hairpin::gateway
