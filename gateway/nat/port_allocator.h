#pragma once
// Finds a source address and port for a translated flow, such that its replies belong to no other session, and such that its mapping is
// what the rule's mode promises: the one that the inside address and port has already, or a new one on a port that is nobody's.
//
// The address is always the same for one host (RFC 4787 REQ-2, paired pooling), unless pooling is arbitrary. Which port comes next is not
// to be guessed (RFC 6056 §3.3.1). When none is free, the flow is refused and its sender told so (RFC 5508 REQ-8), and no other session
// pays for it. A free port is found however few there are (RFC 4787 REQ-11); only flows that may share one give up after kMostTries.

#include <optional>

#include "gateway/nat/mapping_table.h"
#include "gateway/nat/translate.h"
#include "gateway/sessions/session_table.h"
#include "net/drop_reason.h"
#include "net/random.h"

namespace hairpin::gateway {

// The flow with the source that it is to have, and the mapping that its session will hold; none where there are no ports.
struct SourceGrant {
    Ipv4FlowKey to;
    std::optional<NewMapping> mapping;
};

class PortAllocator {
public:
    static constexpr unsigned kMostTries = 2048;

    explicit PortAllocator(HashKey secret) : random_(secret), pairing_{random_.next(), random_.next()} {}

    // `original` is the flow as it came in, `to` after DNAT. Otherwise why there is none: no port is free (nat_exhausted), its host has as many
    // as it may (nat_quota), or there are no ports and another session has the address (nat_conflict). The replies' key is never the original's either: a
    // server that opens its own address would meet itself. Nothing is taken yet: MappingTable::hold() does that.
    tl::expected<SourceGrant, DropReason> allocate(const Ipv4FlowKey& original, const Ipv4FlowKey& to, const SourceChoice& choice,
                                                   const SessionTable& sessions, MappingTable& mappings, Timestamp now);
    // The same where the source's own address must do, and only another port can tell its replies from another's.
    std::optional<Ipv4FlowKey> another_port(const Ipv4FlowKey& original, const Ipv4FlowKey& to, const SessionTable& sessions);

private:
    class Search;
    Random random_;
    HashKey pairing_;
};

}  // namespace hairpin::gateway
