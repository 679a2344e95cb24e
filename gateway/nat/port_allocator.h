#pragma once
// Finds a source address and port for a translated flow, such that its replies belong to no other session.
//
// The address is always the same for one host (RFC 4787 REQ-2, paired pooling). The port is random within its class: well-known
// ports stay below 1024, the others above (REQ-3a, RFC 6056). The search starts at a random port and tries a bounded number; when
// none of them is free, the flow is refused and its sender told so (RFC 5508 REQ-8), and no other session pays for it.

#include <optional>

#include "gateway/nat/translate.h"
#include "gateway/sessions/session_table.h"
#include "net/random.h"

namespace hairpin::gateway {

class PortAllocator {
public:
    static constexpr unsigned kMostTries = 2048;

    explicit PortAllocator(HashKey secret) : random_(secret), pairing_{random_.next(), random_.next()} {}

    // `original` is the flow as it came in, `to` after DNAT. Returns `to` with the source replaced; nullopt when no port is free. The
    // replies' key is never the original's either: a server that opens its own address would meet itself.
    std::optional<Ipv4FlowKey> allocate(const Ipv4FlowKey& original, const Ipv4FlowKey& to, const SourceChoice& choice,
                                        const SessionTable& sessions);

private:
    Random random_;
    HashKey pairing_;
};

}  // namespace hairpin::gateway
