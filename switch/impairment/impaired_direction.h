#pragma once
// One direction of a cable that is not as it should be. What happens to a packet, in this order:
//
//   take ─► lost? ─► damaged? ─► twice? ─► │ queue │ rate ─► │ delay line │ ─► release
//           impairment-loss                 tail drop: impairment-queue-full
//
// The queue is the buffer in front of a slow link, and holds `limit` packets. The delay line is the way itself: what is on it has been
// sent, and never counts towards the limit. So the bandwidth is the rate, however long the way is.
//
// A function of packets, time and a seed: nothing here waits. Whoever owns it calls release() when next_event() has come. Packets keep
// their order but for `reorder` and Order::free. A super-packet is cut before anything is decided about it wherever something is decided
// for each packet, so that 1 % of loss means 1 % of the packets that a wire would have; where all that happens to it is a constant
// delay, it stays whole.
//
// What waits lies in `waiting`, a pool of its own that all impaired ports of a worker share: a long way takes no buffer from other
// traffic. At most kMostHeld packets wait here; beyond that, and when that pool is empty, packets are dropped as impairment-no-room.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "switch/impairment/chance.h"
#include "switch/impairment/delay_histogram.h"
#include "switch/impairment/delay_line.h"
#include "switch/impairment/settings.h"

namespace hairpin::l2 {

// Since the beginning, or since they were cleared.
struct ImpairmentStatistics {
    std::uint64_t packets = 0;  // that came, super-packets as what they were cut into
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0, corrupted = 0;
    std::uint64_t reordered = 0;   // that overtook another
    std::uint64_t queue_full = 0;  // dropped for it
    std::uint64_t no_room = 0;     // dropped for that
    std::size_t most_queued = 0;   // in front of the rate
    std::size_t most_held = 0;     // there and on the way
    DelayHistogram delays;         // from take() to release(), of those that were released
};

class ImpairedDirection {
public:
    static constexpr std::size_t kMostHeld = 32768;

    // Pools and ledger outlive it. `waiting` may be any pool.
    ImpairedDirection(HashKey seed, PacketPool& waiting, Ledger& ledger);
    ~ImpairedDirection() = default;
    ImpairedDirection(const ImpairedDirection&) = delete;
    ImpairedDirection& operator=(const ImpairedDirection&) = delete;

    // From now on. What waits goes on waiting, but no longer than it would under the new settings.
    void set(const ImpairmentSettings& settings, Timestamp now);
    const ImpairmentSettings& settings() const { return settings_; }
    // The same seed has the same effect again.
    void reseed(HashKey seed);

    // Takes every packet of the batch and leaves it empty.
    void take(Batch& batch, Timestamp now);
    // Appends what has arrived at the other end, in the order in which it did, at most `most` packets. True when there is more.
    bool release(Batch& into, Timestamp now, std::size_t most);
    // When something changes next.
    std::optional<Timestamp> next_event() const;
    // Drops all that waits.
    void drop_all(DropReason reason);

    std::size_t queued() const { return queue_.size(); }
    std::size_t held() const { return queue_.size() + line_.size(); }
    // All that was dropped here, for whatever reason; never goes back.
    std::uint64_t drops() const { return drops_; }
    const ImpairmentStatistics& statistics() const { return statistics_; }
    void clear_statistics() { statistics_ = {}; }

private:
    struct Queued {
        PacketPtr packet = {};
        Timestamp arrived = {};
    };
    // Whose buffer a packet is in.
    enum class Home : std::uint8_t { elsewhere, waiting };

    bool decides_for_each_packet() const;
    void cut(PacketPtr super_packet, Timestamp now);
    void admit(PacketPtr packet, Home home, Timestamp now);
    void damage(Packet& packet);
    void enqueue(PacketPtr packet, Home home, Timestamp now);
    void send_queued(Timestamp now);
    void set_out(PacketPtr packet, Timestamp arrived, Timestamp sent);
    Duration time_on_link(const Packet& packet) const;
    void drop(const Packet& packet, DropReason reason);

    PacketPool& waiting_;
    Ledger& ledger_;
    ImpairmentSettings settings_;

    LossPattern loss_;
    DelayPattern delay_;
    Dice corrupting_, duplicating_, reordering_;

    Ring<Queued> queue_;  // the first is being sent
    Timestamp first_sent_ = {};
    DelayLine line_;
    std::uint64_t drops_ = 0;
    ImpairmentStatistics statistics_;
    Batch pieces_;  // empty between calls; kept for its memory
};

}  // namespace hairpin::l2
