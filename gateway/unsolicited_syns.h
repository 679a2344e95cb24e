#pragma once
// SYNs from outside to an address of the gateway's own where nobody listens: their senders are told, but only after six seconds
// (RFC 5382 REQ-4). Meanwhile the host behind that address may open the same connection from its side, as both do who open at once through
// NATs; an error that came first would end it. Then the SYN is forgotten, and the peer's next one finds the session.
//
// Owned by one EdgeGateway. Holds at most kMost packets, one for each connection; what finds no room is dropped, and nobody is told.

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "net/flow_key.h"
#include "net/packet_pool.h"
#include "net/time.h"

namespace hairpin::gateway {

class UnsolicitedSyns {
public:
    static constexpr std::size_t kMost = 256;
    static constexpr Duration kPatience = std::chrono::seconds{6};

    struct Waiting {
        PacketPtr packet;
        Ipv4FlowKey key;
        InterfaceId inbound;
        Timestamp due;
    };

    UnsolicitedSyns() { waiting_.reserve(kMost); }

    // Takes the packet, unless there is no room for it, or its connection has one here: then it stays with the caller.
    bool keep(PacketPtr& packet, const Ipv4FlowKey& key, InterfaceId inbound, Timestamp now) {
        if (waiting_.size() == kMost || find(key) != waiting_.end()) return false;
        waiting_.push_back({std::move(packet), key, inbound, now + kPatience});
        return true;
    }
    // The one that has this key, if there is one.
    std::optional<Waiting> take(const Ipv4FlowKey& key) {
        const auto found = find(key);
        return found == waiting_.end() ? std::nullopt : std::optional{take(found)};
    }
    // One that has waited long enough.
    std::optional<Waiting> take_due(Timestamp now) {
        // They are in the order in which they came.
        if (waiting_.empty() || waiting_.front().due > now) return std::nullopt;
        return take(waiting_.begin());
    }
    std::size_t held() const { return waiting_.size(); }

private:
    std::vector<Waiting>::iterator find(const Ipv4FlowKey& key) {
        return std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.key == key; });
    }
    Waiting take(std::vector<Waiting>::iterator at) {
        Waiting one = std::move(*at);
        waiting_.erase(at);
        return one;
    }

    std::vector<Waiting> waiting_;
};

}  // namespace hairpin::gateway
