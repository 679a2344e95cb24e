#pragma once
// Who on a link has which MAC: ARP as a router needs it (RFC 826, 1122 2.3.2, 5227).
//
//   resolve(lan, .10)   unknown: a request goes out, again each second     -> asking; wait() keeps the packet
//   .10 answers         its packets go out at once                         -> known, 1200 s long (ArpSettings.reachable_age)
//   used after that     still known; a unicast request asks whether so     -> known; three without answer and it is forgotten
//   .11 is silent       after three requests its packets are given back    -> unreachable for 2 s, so that nobody asks each packet
//
// What ARP says is believed narrowly, because anybody on the link can say anything:
//   - a known neighbour is updated by any valid ARP packet from it (RFC 826); a static one by none;
//   - a new one is learned only from a request for an address of ours, sent from that interface's subnet; a reply that nobody
//     asked for teaches nothing;
//   - senders with a group, zero or our own MAC, and group, loopback or subnet-broadcast addresses, are no stations: arp_malformed;
//   - a probe (sender 0.0.0.0, RFC 5227 §2.1) is answered but teaches nothing;
//   - whoever claims an address of ours gets an announcement back, at most one each 10 s an address (RFC 5227 §2.4): arp_conflict.
// Only requests for an address of the interface they came in by are answered, and those that proxy_arp.h says are to be.
//
// Owned by one Worker; not shared. Holds at most ArpSettings.capacity neighbours with a MAC (when full, the one confirmed longest ago
// makes room; static ones never do) and besides them capacity / 4 without one (the one that failed, or was asked, longest ago
// makes room): a scan of a /16 costs no known neighbour its place. Packets that wait: queue_per_neighbor each, kMostWaiting
// together; the oldest makes room (neighbor_queue_full). Static neighbours beyond the capacity are left out. All memory is
// reserved at the start.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/ruleset.h"
#include "net/frame_view.h"
#include "net/hash.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "net/reserved_array.h"
#include "net/time.h"

namespace hairpin::gateway {

enum class NeighborState : std::uint8_t {
    incomplete,  // asked for, no answer yet
    failed,      // three requests without answer: not asked again for kHoldDown
    reachable,   // it spoke not longer than reachable_age ago
    stale,       // it has been silent for longer, and so have we to it
    probing,     // stale and used: asked whether it is still there
    fixed,       // from the configuration
};

struct NeighborStateRow {
    NeighborState state;
    std::string_view name;  // in `show arp`: what a reader can act on
    bool has_mac;
};
inline constexpr auto kNeighborStates = std::to_array<NeighborStateRow>({
    {NeighborState::incomplete, "incomplete", false},
    {NeighborState::failed, "incomplete", false},
    {NeighborState::reachable, "reachable", true},
    {NeighborState::stale, "stale", true},
    {NeighborState::probing, "stale", true},
    {NeighborState::fixed, "static", true},
});
constexpr const NeighborStateRow& row_of(NeighborState state) { return kNeighborStates[static_cast<std::size_t>(state)]; }

// What somebody may want to hear of: a log, `monitor`.
struct NeighborEvent {
    enum class Kind : std::uint8_t { learned, moved, failed, conflict };
    Kind kind;
    InterfaceId interface;
    Ipv4Address address;
    MacAddress mac;  // of a conflict the other station's; of a failed neighbour zero
};

class NeighborTable {
public:
    static constexpr Duration kRequestInterval = std::chrono::seconds{1};  // RFC 1122 2.3.2.1: at most one request a second
    static constexpr unsigned kRequests = 3;
    static constexpr Duration kHoldDown = std::chrono::seconds{2};
    static constexpr Duration kStaleAge = std::chrono::seconds{300};       // unused for so long after going stale: forgotten
    static constexpr Duration kDefendInterval = std::chrono::seconds{10};  // RFC 5227 §1.1
    static constexpr Duration kAnnounceInterval = std::chrono::seconds{2};
    static constexpr unsigned kAnnouncements = 2;
    static constexpr std::size_t kMostNeighbors = 65536;  // what ArpSettings.capacity can ask for
    static constexpr std::size_t kMostWaiting = 512;
    static constexpr std::size_t kExpiryBatch = 256;  // neighbours looked at in one expire()
    static constexpr std::size_t kMostEvents = 256;   // between two take_events()

    NeighborTable(PacketPool& pool, Ledger& ledger, HashKey secret);

    // Decides by these interfaces, static neighbours and settings from now on. Neighbours stay but for those of interfaces that are
    // gone and those whose address is now ours.
    void adopt(const Ruleset& ruleset, Timestamp now);

    struct Resolution {
        enum class State : std::uint8_t { known, asking, unreachable };
        State state = State::unreachable;
        MacAddress mac;  // when known
        bool known() const { return state == State::known; }
    };
    // The next hop's MAC. Asks for it, or asks again whether it holds, as need be; what it asks goes to `out`.
    Resolution resolve(InterfaceId interface, Ipv4Address address, Timestamp now, Outbox<InterfaceId>& out);
    // Keeps a packet until the neighbour answers or fails. resolve() has just said `asking`. The packet leaves with both Ethernet
    // addresses set.
    void wait(InterfaceId interface, Ipv4Address address, PacketPtr packet);
    // Asks at once, whatever is known (arping): everybody when nobody is known there. False when the interface has no address to ask
    // from.
    bool request(InterfaceId interface, Ipv4Address address, Timestamp now, Outbox<InterfaceId>& out);
    // The same knowledge with nothing asked: for the tracer.
    std::optional<MacAddress> peek(InterfaceId interface, Ipv4Address address) const;
    bool has_failed(InterfaceId interface, Ipv4Address address) const;  // resolve() would say `unreachable`

    enum class Proxying : std::uint8_t { no, yes };
    // Takes in an ARP packet; `frame` is its view. With `proxying` the gateway answers in the stead of whom it asks for, unless that is a
    // neighbour who is known on this link. Answers, and packets that waited for this, go to `out`. Tells why it was dropped,
    // if it was.
    std::optional<DropReason> receive(InterfaceId interface, PacketPtr packet, FrameView& frame, Timestamp now,
                                      Outbox<InterfaceId>& out, Proxying proxying = Proxying::no);

    // Tells the link where the interface's addresses are, now and once more kAnnounceInterval later (RFC 5227 §2.3).
    void announce(InterfaceId interface, Timestamp now, Outbox<InterfaceId>& out);

    // A packet whose next hop did not answer: its sender is owed ICMP 3/1. It is the caller's again and no longer held here.
    struct Unresolved {
        InterfaceId interface;
        PacketPtr packet;
    };
    // Asks again, gives up, lets age: what is due, kExpiryBatch neighbours at most.
    void expire(Timestamp now, Outbox<InterfaceId>& out, std::vector<Unresolved>& unresolved);

    // Forgets all but static neighbours, of one interface or address or of all; returns how many. Packets that waited are dropped
    // (neighbor_unresolved).
    std::size_t clear(std::optional<InterfaceId> interface = std::nullopt, std::optional<Ipv4Address> address = std::nullopt);

    struct Row {
        InterfaceId interface;
        Ipv4Address address;
        std::optional<MacAddress> mac;
        NeighborState state;
        Duration age;  // since it entered this state, or was asked last
        std::size_t queued;
    };
    // Every neighbour, in no particular order: `visit(const Row&)`.
    template <class Visit>
    void for_each(Timestamp now, Visit&& visit) const {
        for (Index at = 1; at < first_unused_; ++at)
            if (neighbors_[at].in_use) visit(row(neighbors_[at], now));
    }
    // Hands over what happened since the last call, oldest first: `visit(const NeighborEvent&)`. Beyond kMostEvents nothing is kept;
    // returns how many events that were.
    template <class Visit>
    std::size_t take_events(Visit&& visit) {
        for (const NeighborEvent& event : events_) visit(event);
        events_.clear();
        return std::exchange(events_lost_, 0);
    }

    std::size_t size() const { return resolved_ + unresolved_; }
    std::size_t held() const { return waiting_count_; }  // packets that wait, for the Ledger's balance

private:
    using Index = std::uint32_t;  // of a neighbour, plus one: zero is none, so that reserved memory starts as no neighbour at all
    using Slot = std::uint16_t;   // of a waiting packet, plus one
    static constexpr Index kNone = 0;
    static constexpr Slot kEmpty = 0;
    static constexpr std::size_t kRecords = kMostNeighbors + kMostNeighbors / 4 + 1;
    static constexpr std::size_t kBuckets = std::size_t{1} << 17;

    struct Neighbor {
        Ipv4Address address;
        InterfaceId interface;
        MacAddress mac;
        NeighborState state;
        bool in_use;
        std::uint8_t requests;  // without an answer so far
        std::uint16_t queued;
        Slot first_waiting, last_waiting;
        Index next_in_bucket;
        Index newer, older;  // in the same state; of a free record `older` is the next free one
        Timestamp since;     // in this state; while asking, asked last
    };
    // The neighbours in one state, by `since`: each state lasts equally long for all, so the oldest's time is up first.
    struct StateList {
        Index newest = kNone, oldest = kNone;
    };
    struct OwnAddress {
        Ipv4InterfaceAddress at;
        std::optional<Timestamp> defended;
    };
    struct Link {
        bool present = false;
        MacAddress mac;
        std::vector<OwnAddress> own;
        unsigned announcements_left = 0;
        Timestamp next_announcement{};

        OwnAddress* find_own(Ipv4Address address);
        bool has_on_subnet(Ipv4Address address) const;
        bool is_directed_broadcast(Ipv4Address address) const;
        Ipv4Address speak_to(Ipv4Address target) const;  // the own address to ask from
    };
    struct Waiting {
        PacketPtr packet;
        Index neighbor = kNone;
        Slot next = kEmpty;                   // of the same neighbour; of a free slot, the next free one
        Slot newer = kEmpty, older = kEmpty;  // of all
    };

    // What a packet and the time do: neighbor_table.cc
    Link* link(InterfaceId interface);
    static std::optional<DropReason> objection(const ArpHeader& arp, const Link& link);
    void defend(InterfaceId interface, const Link& link, OwnAddress& own, Timestamp now, Outbox<InterfaceId>& out);
    void learn(InterfaceId interface, Ipv4Address address, MacAddress mac, Timestamp now);
    void confirm(Index at, MacAddress mac, Timestamp now, Outbox<InterfaceId>& out);
    void ask(Index at, Timestamp now, Outbox<InterfaceId>& out);
    void ask_again_or_forget(Index at, Timestamp now, Outbox<InterfaceId>& out);
    void give_up(Index at, Timestamp now, std::vector<Unresolved>& unresolved);
    void answer(InterfaceId interface, const Link& link, PacketPtr request, FrameView& frame, Outbox<InterfaceId>& out);
    void send_announcements(InterfaceId interface, Link& link, Timestamp now, Outbox<InterfaceId>& out);
    void announce_address(InterfaceId interface, const Link& link, Ipv4Address address, Outbox<InterfaceId>& out);
    void send_request(InterfaceId interface, const Link& link, Ipv4Address sender, Ipv4Address target, MacAddress to,
                      Outbox<InterfaceId>& out);
    DropReason drop(PacketPtr packet, DropReason reason, InterfaceId interface);
    void note(const NeighborEvent& event);

    // Records, lists and queues: neighbor_store.cc
    std::size_t bucket_of(InterfaceId interface, Ipv4Address address) const;
    Index find(InterfaceId interface, Ipv4Address address) const;
    Index insert(InterfaceId interface, Ipv4Address address, NeighborState state, Timestamp now);
    bool make_room(bool with_mac);
    std::size_t limit(bool with_mac) const;
    void forget(Index at, DropReason reason);
    void enter(Index at, NeighborState state, Timestamp now);
    void append(Index at);
    void unlink(Index at);
    std::size_t& population(bool with_mac) { return with_mac ? resolved_ : unresolved_; }
    Row row(const Neighbor& neighbor, Timestamp now) const;
    Slot take_slot();
    PacketPtr take_waiting(Index at);

    PacketPool& pool_;
    Ledger& ledger_;
    HashKey secret_;
    ArpSettings settings_;
    std::vector<Link> links_;

    ReservedArray<Neighbor> neighbors_;  // [0] is unused
    ReservedArray<Index> buckets_;
    std::array<StateList, kNeighborStates.size()> lists_{};
    Index first_free_ = kNone;
    Index first_unused_ = 1;
    std::size_t resolved_ = 0, unresolved_ = 0;

    std::vector<Waiting> waiting_;  // [0] is unused
    Slot free_slot_ = kEmpty;
    Slot newest_waiting_ = kEmpty, oldest_waiting_ = kEmpty;
    std::size_t waiting_count_ = 0;

    std::vector<NeighborEvent> events_;
    std::size_t events_lost_ = 0;
};

}  // namespace hairpin::gateway
