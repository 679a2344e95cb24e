#pragma once
// Flows that a control session has announced and that have not come yet: "the server will open a connection to my port 50010".
//
//   control session      192.168.255.2:40000 → 198.51.100.10:21, seen as 203.0.113.80:51812
//   the client says      PORT 192,168,255,2,195,90              the server hears PORT 203,0,113,80,201,12
//   awaited              198.51.100.10:any   → 203.0.113.80:51468
//   inside               192.168.255.2:50010
//
// All else follows from the control session's two flow keys: how the announcing side is seen by its peer, and its peer by it. The first
// packet that fits begins a session that is related to the control session; with that the expectation is fulfilled.
//
// Owned by one gateway. At most kMost, and of one control session as many as its gateway's row says, whose oldest makes room; what finds no
// room is not awaited. No allocation after construction.

#include <optional>
#include <vector>

#include "gateway/alg/settings.h"
#include "gateway/sessions/flow_index.h"
#include "gateway/sessions/session.h"
#include "net/time.h"
#include "net/transport_address.h"

namespace hairpin::gateway {

struct Expectation {
    AlgKind alg{};
    SessionIndex control = kNoSession;
    std::uint32_t serial = 0;             // of the control session
    Direction announced{};                // in which direction of it: its sender is who awaits the flow
    Ipv4FlowKey awaited;                  // the first packet as it will come in; its source port may be any
    Ipv4TransportAddress inside;          // where it goes
    std::optional<Ipv4Address> held_for;  // the outside port is held by a mapping, for this peer
    std::uint64_t call = 0;               // of SIP: whose call it is, with whose end it is not awaited any more
    Timestamp until{};
};

using ExpectationIndex = std::uint32_t;

class Expectations {
public:
    static constexpr std::size_t kMost = 1024;

    explicit Expectations(HashKey secret);

    bool empty() const { return live_ == 0; }
    std::size_t size() const { return live_; }
    const Expectation& operator[](ExpectationIndex index) const { return *slots_[index]; }

    // Whom a packet with this key may be for.
    std::optional<ExpectationIndex> find(const Ipv4FlowKey& first_packet) const;
    // How many there are of the control session, and the oldest.
    std::size_t count_of(std::uint32_t serial) const;
    std::optional<ExpectationIndex> oldest_of(std::uint32_t serial) const;
    // False when there is no room, or when the like is awaited already.
    bool add(const Expectation& expectation);
    // Of one that is awaited already: for longer, and by whom.
    void renew(ExpectationIndex index, Timestamp until, std::uint64_t call) {
        slots_[index]->until = until;
        slots_[index]->call = call;
    }
    Expectation take(ExpectationIndex index);

    // Takes out those for which `which(expectation)`, and hands each to `gone`.
    template <class Which, class Gone>
    void take_all(Which&& which, Gone&& gone) {
        if (empty()) return;
        for (ExpectationIndex index = 0; index < slots_.size(); ++index)
            if (slots_[index] && which(*slots_[index])) gone(take(index));
    }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& slot : slots_)
            if (slot) visit(*slot);
    }

private:
    std::uint64_t hash(const Ipv4FlowKey& key) const;

    HashKey secret_;
    std::vector<std::optional<Expectation>> slots_;
    FlowIndex index_;
    std::size_t live_ = 0;
};

}  // namespace hairpin::gateway
