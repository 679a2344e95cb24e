#include "switch/mac_table.h"

#include <algorithm>
#include <bit>

namespace hairpin::l2 {

namespace {
constexpr std::uint32_t kRefreshTicks = Tick::ticks_in(std::chrono::seconds{1});
}  // namespace

MacTable::MacTable(const Limits& limits, const HashKey& hash_key)
    : limits_(limits),
      hash_key_(hash_key),
      stations_(limits.capacity + 1),
      buckets_(std::bit_ceil(std::max<std::size_t>(limits.capacity, 2))) {
    ensure(limits.capacity > 0 && limits.capacity < UINT32_MAX && limits.port_limit > 0);
}

std::uint32_t MacTable::bucket_of(const StationKey& station) const {
    const std::uint64_t place = std::uint64_t{index_of(station.segment)} << 16 | station.vlan.number();
    return static_cast<std::uint32_t>(keyed_hash(station.mac.number(), place, hash_key_) & (buckets_.size() - 1));
}

MacTable::Index MacTable::find_index(const Located& located) const {
    Index at = buckets_[located.bucket_];
    while (at != kNone && !(stations_[at].key == located.station_)) at = stations_[at].next_in_bucket;
    return at;
}

bool MacTable::has_aged(const Station& station, Timestamp now) const {
    return !station.is_static && now - station.last_seen.time() >= limits_.age;
}

std::optional<PortId> MacTable::find(const Located& located, Timestamp now) const {
    const Index at = find_index(located);
    if (at == kNone || has_aged(stations_[at], now)) return std::nullopt;
    return stations_[at].port;
}

void MacTable::learn(const Located& located, PortId port, Timestamp now) {
    if (!located.station_.mac.is_station()) return;
    const Tick tick = Tick::at(now);
    Index at = find_index(located);
    if (at != kNone) {
        Station& station = stations_[at];
        if (station.is_static || (station.port == port && tick.count() - station.last_seen.count() < kRefreshTicks)) return;
        if (station.port != port) [[unlikely]]
            moves_.note({station.key.mac, station.key.vlan, station.port, port});
        unlink(at);
        if (stations_on(port).count >= limits_.port_limit) evict_oldest_of(port);
        station.port = port;
    } else {
        if (!make_room(port)) return;
        at = insert(located, port);
    }
    stations_[at].last_seen = tick;
    append_newest(at);
}

bool MacTable::make_room(PortId port) {
    if (stations_on(port).count >= limits_.port_limit)
        evict_oldest_of(port);
    else if (size_ >= limits_.capacity) {
        const PortId crowded = most_crowded();
        if (stations_on(crowded).count == 0) return false;
        evict_oldest_of(crowded);
    }
    return true;
}

// Walks the ports, which are tens, and never the stations.
PortId MacTable::most_crowded() const {
    const auto most =
        std::max_element(ports_.begin(), ports_.end(), [](const auto& a, const auto& b) { return a.count < b.count; });
    return static_cast<PortId>(most - ports_.begin());
}

bool MacTable::add_static(const StationKey& key, PortId port) {
    const Located located = locate(key);
    if (const Index known = find_index(located); known != kNone) remove(known);
    stations_on(port);
    if (size_ >= limits_.capacity) {
        const PortId crowded = most_crowded();
        if (stations_on(crowded).count == 0) return false;
        evict_oldest_of(crowded);
    }
    const Index at = insert(located, port);
    stations_[at].is_static = true;
    statics_.push_back(at);
    return true;
}

void MacTable::remove_static(const StationKey& key) {
    const Index known = find_index(locate(key));
    if (known != kNone && stations_[known].is_static) remove(known);
}

void MacTable::forget(PortId port) {
    PortStations& stations = stations_on(port);
    while (stations.oldest != kNone) remove(stations.oldest);
    for (std::size_t i = statics_.size(); i-- > 0;)
        if (stations_[statics_[i]].port == port) remove(statics_[i]);
}

std::size_t MacTable::clear(std::optional<PortId> port) {
    const std::size_t before = size_;
    for (std::size_t i = 0; i < ports_.size(); ++i)
        while ((!port || index_of(*port) == i) && ports_[i].oldest != kNone) remove(ports_[i].oldest);
    return before - size_;
}

std::size_t MacTable::expire(Timestamp now) {
    std::size_t forgotten = 0;
    for (std::size_t visited = 0; visited < ports_.size() && forgotten < kExpiryBatch; ++visited) {
        PortStations& stations = ports_[next_to_expire_++ % ports_.size()];
        // The longest silent is the oldest: the first that has not aged ends it.
        while (stations.oldest != kNone && has_aged(stations_[stations.oldest], now) && forgotten < kExpiryBatch) {
            remove(stations.oldest);
            ++forgotten;
        }
    }
    return forgotten;
}

MacTable::PortStations& MacTable::stations_on(PortId port) {
    if (index_of(port) >= ports_.size()) ports_.resize(index_of(port) + 1);
    return ports_[index_of(port)];
}

MacTable::Index MacTable::insert(const Located& located, PortId port) {
    const Index at = first_free_ != kNone ? first_free_ : first_unused_++;
    Station& station = stations_[at];
    if (first_free_ != kNone) first_free_ = station.older;
    Index& head = buckets_[located.bucket_];
    station = {.key = located.station_,
               .port = port,
               .is_static = false,
               .last_seen = {},
               .next_in_bucket = head,
               .newer = kNone,
               .older = kNone};
    head = at;
    ++size_;
    return at;
}

void MacTable::remove(Index at) {
    Station& station = stations_[at];
    if (station.is_static)
        std::erase(statics_, at);
    else
        unlink(at);
    Index* link = &buckets_[bucket_of(station.key)];
    while (*link != at) link = &stations_[*link].next_in_bucket;
    *link = station.next_in_bucket;
    station.older = first_free_;
    first_free_ = at;
    --size_;
}

void MacTable::evict_oldest_of(PortId port) {
    remove(stations_on(port).oldest);
    ++evictions_;
}

void MacTable::append_newest(Index at) {
    Station& station = stations_[at];
    PortStations& stations = stations_on(station.port);
    station.newer = kNone;
    station.older = stations.newest;
    (stations.newest != kNone ? stations_[stations.newest].newer : stations.oldest) = at;
    stations.newest = at;
    ++stations.count;
}

void MacTable::unlink(Index at) {
    const Station& station = stations_[at];
    PortStations& stations = stations_on(station.port);
    (station.newer != kNone ? stations_[station.newer].older : stations.newest) = station.older;
    (station.older != kNone ? stations_[station.older].newer : stations.oldest) = station.newer;
    --stations.count;
}

MacTable::Row MacTable::row_of(Index at, Timestamp now) const {
    const Station& station = stations_[at];
    return {station.key, station.port, station.is_static, station.is_static ? Duration{0} : now - station.last_seen.time()};
}

}  // namespace hairpin::l2
