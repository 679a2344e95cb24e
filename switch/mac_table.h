#pragma once
// Which port a station was last seen on.
//
//   learn(A, port 3)   A spoke on 3          -> find(A) == 3
//   learn(A, port 5)   A moved to 5          -> find(A) == 5, at once
//   300 s of silence   A is forgotten        -> find(A) == nullopt, frames to A are flooded
//
// A station is a MAC address in one VLAN of one segment: the same address elsewhere is another station. Static stations stay
// where they were put and are never forgotten.
//
// Owned by one Worker; not shared. Holds at most `capacity` stations, and of one port at most `port_limit`. A port at its limit
// forgets its own longest silent station; when the table is full, the port with the most stations does. So a flood of forged
// sources costs memory nothing, honest stations on other ports nothing, and those on its own port little. Evictions are counted.
//
// All memory is reserved at the start. Chains of one bucket hang together by index; the key of the hash is secret, so nobody can
// choose addresses that meet in one chain.

#include <cstdint>
#include <optional>
#include <vector>

#include "net/hash.h"
#include "net/mac_address.h"
#include "net/numbers.h"
#include "net/reserved_array.h"
#include "net/time.h"
#include "switch/station_moves.h"

namespace hairpin::l2 {

struct StationKey {
    SegmentId segment{};
    VlanId vlan;
    MacAddress mac;
    friend bool operator==(const StationKey&, const StationKey&) = default;
};

class MacTable {
public:
    struct Limits {
        Duration age = std::chrono::seconds{300};
        std::size_t capacity = 65536;
        std::size_t port_limit = 16384;
    };
    MacTable(const Limits& limits, const HashKey& hash_key);

    // A station and where it is to be sought. Whoever has many to look up locates all, then prefetches all, then asks: locate()
    // has the bucket's line on its way, prefetch() that of the station it leads to.
    class Located {
        friend class MacTable;
        Located(const StationKey& station, std::uint32_t bucket) : station_(station), bucket_(bucket) {}
        StationKey station_;
        std::uint32_t bucket_;

    public:
        const StationKey& station() const { return station_; }
    };
    Located locate(const StationKey& station) const {
        const std::uint32_t bucket = bucket_of(station);
        __builtin_prefetch(&buckets_[bucket]);
        return Located{station, bucket};
    }
    void prefetch(const Located& located) const { __builtin_prefetch(&stations_[buckets_[located.bucket_]]); }

    // The station spoke on this port. Only what may speak (MacAddress::is_station) is learned, and a static station stays. When it
    // spoke is kept to a second: what speaks all the time costs a lookup, not a move to the front of its port's list.
    void learn(const Located& located, PortId port, Timestamp now);
    void learn(const StationKey& station, PortId port, Timestamp now) { learn(locate(station), port, now); }
    // Where it was last seen; nothing when it is unknown or has been silent for too long.
    std::optional<PortId> find(const Located& located, Timestamp now) const;
    std::optional<PortId> find(const StationKey& station, Timestamp now) const { return find(locate(station), now); }

    // Puts a station where it will stay. False when no room can be made: the table is full of static stations.
    bool add_static(const StationKey& station, PortId port);
    // Forgets a static station; it is learned again where it speaks. Anything else stays.
    void remove_static(const StationKey& station);
    // Forgets every station of the port, static ones too.
    void forget(PortId port);
    // Forgets learned stations, of one port or of all; how many it were. Static ones stay.
    std::size_t clear(std::optional<PortId> port);
    // Forgets stations that have been silent for too long, at most kExpiryBatch a call. How many it were.
    std::size_t expire(Timestamp now);
    static constexpr std::size_t kExpiryBatch = 256;

    struct Row {
        StationKey station;
        PortId port;
        bool is_static;
        Duration silent_for;
    };
    // Every station that find() would find, in no particular order: `visit(const Row&)`.
    template <class Visit>
    void for_each(Timestamp now, Visit&& visit) const {
        for (std::size_t i = 0; i < ports_.size(); ++i)
            for (Index at = ports_[i].newest; at != kNone; at = stations_[at].older)
                if (!has_aged(stations_[at], now)) visit(row_of(at, now));
        for (const Index at : statics_) visit(row_of(at, now));
    }

    std::size_t size() const { return size_; }
    std::size_t stations_of(PortId port) const { return index_of(port) < ports_.size() ? ports_[index_of(port)].count : 0; }
    std::uint64_t evictions() const { return evictions_; }
    StationMoves& moves() { return moves_; }

private:
    using Index = std::uint32_t;  // of a station, plus one: zero is none, so that reserved memory starts as no station at all
    static constexpr Index kNone = 0;

    struct Station {
        StationKey key;
        PortId port;
        bool is_static;
        Tick last_seen;
        Index next_in_bucket;
        Index newer, older;  // on the same port; of a free station, `older` is the next free one
    };
    static_assert(sizeof(Station) == 32, "two to a cache line, none across two");
    // The stations of one port by when they last spoke; static ones are not among them.
    struct PortStations {
        Index newest = kNone, oldest = kNone;
        std::uint32_t count = 0;
    };

    std::uint32_t bucket_of(const StationKey& station) const;
    Index find_index(const Located& located) const;
    bool has_aged(const Station& station, Timestamp now) const;
    Row row_of(Index at, Timestamp now) const;
    PortStations& stations_on(PortId port);
    bool make_room(PortId port);
    PortId most_crowded() const;
    Index insert(const Located& located, PortId port);
    void remove(Index at);
    void evict_oldest_of(PortId port);
    void append_newest(Index at);
    void unlink(Index at);

    Limits limits_;
    HashKey hash_key_;
    ReservedArray<Station> stations_;  // [0] is unused
    ReservedArray<Index> buckets_;     // a power of two
    std::vector<PortStations> ports_;
    std::vector<Index> statics_;
    Index first_free_ = kNone;
    Index first_unused_ = 1;
    std::size_t size_ = 0;
    std::size_t next_to_expire_ = 0;  // port
    std::uint64_t evictions_ = 0;
    StationMoves moves_;
};

}  // namespace hairpin::l2
