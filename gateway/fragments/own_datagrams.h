#pragma once
// Pings for the gateway itself that come in fragments, put together so that they can be answered (RFC 1812 4.3.3.6). Everybody else's
// fragments pass one by one: see virtual_reassembly.h, which also has thrown out by then what overlaps or comes twice, and lets the
// first fragment come first.
//
//   @0 of a ping that the rules let in     begin()                    waits
//   @1480, @2960                           awaits(), add()            the whole, from the last that was missing
//   30 s and something is missing          expire()                   the first comes back: its sender is owed ICMP 11/1
//
// Owned by one Worker; not shared. Bounds: kMostDatagrams unfinished ones, kDatagramsPerSource of one source, kMostHeld fragments. The
// oldest, of the source or of all, makes room (fragment_table_full); a fragment beyond kMostHeld is dropped for the same reason, and its
// datagram will not be finished.

#include <optional>
#include <vector>

#include "net/frame_view.h"
#include "net/ledger.h"
#include "net/packet_pool.h"
#include "net/time.h"

namespace hairpin::gateway {

class OwnDatagrams {
public:
    static constexpr Duration kTimeout = std::chrono::seconds{30};  // as long as the other fragments are waited for
    static constexpr std::size_t kMostDatagrams = 16;
    static constexpr std::size_t kDatagramsPerSource = 4;
    static constexpr std::size_t kMostHeld = 256;

    OwnDatagrams(PacketPool& pool, Ledger& ledger) : pool_(pool), ledger_(ledger) { datagrams_.reserve(kMostDatagrams); }

    // Takes the first fragment of a datagram.
    void begin(PacketPtr first, const FrameView& frame, InterfaceId inbound, Timestamp now);
    // Whether this is a later fragment of a datagram that was begun.
    bool awaits(const FrameView& frame, InterfaceId inbound) const { return find(key_of(frame, inbound)) != nullptr; }
    // Takes a fragment that is awaited. Answers the whole datagram once nothing is missing: a copy that the fragments were absorbed
    // into. nullptr until then, and when there is no buffer for it (no_buffer).
    PacketPtr add(PacketPtr fragment, const FrameView& frame, InterfaceId inbound);

    // The first fragment of a datagram whose time ran out, for the caller to throw away; the others are dropped (fragment_timeout).
    struct Expired {
        PacketPtr first;
        InterfaceId inbound;
    };
    std::vector<Expired> expire(Timestamp now);

    std::size_t held() const;  // fragments that wait, for the Ledger's balance

private:
    struct Key {
        Ipv4Address source, destination;
        Be16 identification;
        std::uint8_t protocol;
        InterfaceId inbound;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Datagram {
        Key key;
        Timestamp since;
        std::vector<PacketPtr> fragments;  // the first fragment first
        std::size_t covered = 0;           // bytes behind the header that came
        std::size_t end = 0;               // how many there are; 0 until the last fragment has come
    };

    static Key key_of(const FrameView& frame, InterfaceId inbound);
    Datagram* find(const Key& key);
    const Datagram* find(const Key& key) const { return const_cast<OwnDatagrams*>(this)->find(key); }
    void make_room_for(const Key& key);
    void give_up(std::vector<Datagram>::iterator datagram, DropReason reason);
    PacketPtr whole(const Datagram& datagram);

    PacketPool& pool_;
    Ledger& ledger_;
    std::vector<Datagram> datagrams_;  // the oldest first
};

}  // namespace hairpin::gateway
