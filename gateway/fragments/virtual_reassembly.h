#pragma once
// Fragments find their ports. Only the first fragment of a datagram says which session it belongs to, and it need not come first; so
// the others wait for it, and then each is forwarded as it is: nothing is put together (RFC 4787 REQ-14).
//
//   @1480 comes      its datagram's ports are unknown                   held
//   @0    comes      udp 40000 -> 53                                    @0 and @1480 are ready, both with this key
//   @2960 comes      the ports are remembered                           ready at once; nothing is missing: forgotten
//
// Forgotten at once, because identifications come round again within seconds at speed (RFC 4963).
//
// A datagram is known by inbound interface, source, destination, protocol and identification (RFC 791). What attackers send:
//   - overlapping fragments: the whole datagram is dropped and stays poisoned until its time is up (RFC 1858, 5722): fragment_overlap;
//     an exact duplicate is a retransmission and drops alone;
//   - a TCP fragment that begins within the TCP header (RFC 3128), or a first one that ends there (FrameView says so): fragment_tiny;
//   - a fragment that ends beyond 65535 bytes: fragment_oversize; one that is no multiple of 8, but not the last: header_malformed;
//   - many unfinished ones: see the bounds.
//
// Owned by one Worker; not shared. Bounds: kMostDatagrams unfinished datagrams, kMostPieces fragments of one, kMostHeld fragments
// that wait; of sources that share a bucket of the keyed hash (256 of them) kDatagramsPerSource and kHeldPerSource. A source at its
// bound loses its own oldest datagram; when all together reach theirs, the source with the most does: a flood displaces itself
// (fragment_table_full). After kTimeout what is held is dropped (fragment_timeout). All memory is reserved at the start.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/frame_view.h"
#include "net/hash.h"
#include "net/ledger.h"
#include "net/reserved_array.h"
#include "net/time.h"

namespace hairpin::gateway {

class VirtualReassembly {
public:
    static constexpr Duration kTimeout =
        std::chrono::seconds{30};  // as Linux; RFC 791 §3.2 suggests 15 s, RFC 1122 60 s to hosts
    static constexpr std::size_t kMostDatagrams = 1024;
    static constexpr std::size_t kMostPieces = 128;  // 65535 bytes over an MTU of 576
    static constexpr std::size_t kMostHeld = 512;
    static constexpr std::size_t kDatagramsPerSource = kMostDatagrams / 8;
    static constexpr std::size_t kHeldPerSource = kMostHeld / 4;
    static constexpr std::size_t kExpiryBatch = 64;  // datagrams given up in one expire()

    // A fragment that may go on, with its datagram's key: that of the first fragment; and the identification that its siblings have left
    // with, where that is not their own.
    struct Ready {
        PacketPtr packet;
        Ipv4FlowKey key;
        std::optional<Be16> leaves_as;
    };

    VirtualReassembly(Ledger& ledger, HashKey secret);

    // Takes a fragment in; `frame` is its view. Whatever may go on now, if anything, is appended to `ready`: the first fragment
    // before those that waited for it, those in the order they came. Tells why the fragment itself was dropped, if it was.
    std::optional<DropReason> accept(PacketPtr packet, FrameView& frame, InterfaceId inbound, Timestamp now,
                                     std::vector<Ready>& ready);
    // Of the datagram that accept() was just about: what its fragments have left with, for those that are still to come.
    void left_as(Be16 identification) {
        if (current_ != kNone) datagrams_[current_].leaves_as = identification;
    }
    // Gives up the datagrams whose time is up, kExpiryBatch at most.
    void expire(Timestamp now);

    std::size_t datagrams() const { return datagram_count_; }
    std::size_t held() const { return held_count_; }  // fragments that wait, for the Ledger's balance

private:
    using Index = std::uint16_t;  // of a datagram or a held fragment, plus one: zero is none
    static constexpr Index kNone = 0;
    static constexpr std::size_t kSources = 256;
    static constexpr std::size_t kBuckets = 2048;

    struct DatagramKey {
        Ipv4Address source, destination;
        Be16 identification;
        std::uint8_t protocol;
        InterfaceId inbound;
        friend bool operator==(const DatagramKey&, const DatagramKey&) = default;
    };
    // Bytes [begin, end) of the datagram's payload.
    struct Piece {
        std::uint16_t begin, end;
        friend bool operator==(const Piece&, const Piece&) = default;
    };
    struct Datagram {
        DatagramKey key;
        Ipv4FlowKey flow;  // once known
        bool known;        // the first fragment has come
        bool poisoned;
        std::optional<Be16> leaves_as;
        std::uint8_t source;  // its bucket
        std::uint8_t piece_count;
        std::uint16_t covered;  // bytes that came, all pieces together
        std::uint16_t end;      // of the last fragment; 0 until it has come
        Index first_held, last_held;
        Index next_in_bucket;
        Index newer, older;                      // of all, by when the first of its fragments came
        Index newer_of_source, older_of_source;  // of a free record `older` is the next free one
        Timestamp since;
        std::array<Piece, kMostPieces> pieces;  // by where they begin
    };
    struct Held {
        PacketPtr packet;
        Index next = kNone;
    };
    struct Source {
        Index newest = kNone, oldest = kNone;
        std::uint16_t datagrams = 0, held = 0;
    };
    enum class Fit : std::uint8_t { fresh, duplicate, overlap, too_many };

    static std::optional<DropReason> objection(const FrameView& frame);
    static Fit add_piece(Datagram& datagram, Piece piece, bool last);
    std::optional<DropReason> pass_on(Index at, PacketPtr packet, const FrameView& frame, std::vector<Ready>& ready);
    std::optional<DropReason> hold(Index at, PacketPtr packet);
    bool make_room_to_hold(Index at);
    void drop_held(Index at, DropReason reason);
    PacketPtr take_held(Index at);

    std::size_t bucket_of(const DatagramKey& key) const;
    Index find(const DatagramKey& key) const;
    Index begin(const DatagramKey& key, Timestamp now);
    void make_room_to_begin(Source& own);
    void forget(Index at, DropReason reason);
    DropReason drop(PacketPtr packet, DropReason reason, InterfaceId inbound);

    Ledger& ledger_;
    HashKey secret_;
    ReservedArray<Datagram> datagrams_;  // [0] is unused
    std::array<Index, kBuckets> buckets_{};
    std::array<Source, kSources> sources_{};
    Index newest_ = kNone, oldest_ = kNone;
    Index current_ = kNone;  // which accept() was about last, while it is unfinished
    Index free_datagram_ = kNone;
    Index unused_datagram_ = 1;
    std::size_t datagram_count_ = 0;
    std::vector<Held> held_;  // [0] is unused
    Index free_held_ = kNone;
    std::size_t held_count_ = 0;
};

}  // namespace hairpin::gateway
