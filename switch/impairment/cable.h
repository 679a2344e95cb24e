#pragma once
// The cable of a port: two directions, each with what is wrong with it, and whether it is plugged in at all.
//
//   host ── in ──►  switch         `in` is what the host sends, as IN of `show ports`
//        ◄─ out ──
//
// Out of the socket nothing passes, and what was on its way is lost: dropped as port-down. A flapping cable is pulled and plugged in again
// by its own schedule, from the seed as everything that is random here.
//
// A function of packets and time: it says by next_event() when it wants to be asked again.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "switch/impairment/impaired_direction.h"
#include "switch/impairment/settings.h"

namespace hairpin::l2 {

class Cable {
public:
    enum class Way : std::uint8_t { in, out };

    // `unseeded` is the seed where the settings have none.
    Cable(const CableSettings& settings, HashKey unseeded, PacketPool& waiting, Ledger& ledger, Timestamp now);

    // From now on. With another seed, or a seed that is set anew, all that is random begins anew.
    void set(const CableSettings& settings, Timestamp now);
    const CableSettings& settings() const { return settings_; }

    // Takes every packet of the batch and leaves it empty.
    void take(Way way, Batch& batch, Timestamp now);
    // Appends what has arrived, at most `most` packets. True when there is more.
    bool release(Way way, Batch& into, Timestamp now, std::size_t most) { return at(way).release(into, now, most); }
    // What the schedule of a flapping cable says of this moment. True when it has been pulled or plugged in since.
    bool follow(Timestamp now);
    // When take() and release() are not asked, this is when something changes.
    std::optional<Timestamp> next_event() const;
    void drop_all(DropReason reason);

    bool connected() const { return connected_; }
    std::uint64_t flaps() const { return flaps_; }  // how often it was pulled
    const ImpairedDirection& direction(Way way) const { return way == Way::in ? in_ : out_; }
    std::size_t held() const { return in_.held() + out_.held(); }
    // In both directions; never goes back.
    std::uint64_t drops() const { return in_.drops() + out_.drops() + refused_[0] + refused_[1]; }
    // What came while it was out of the socket, since the beginning or since that was cleared.
    std::uint64_t refused(Way way) const { return refused_[index(way)] - refused_before_[index(way)]; }
    void clear_statistics();

private:
    static std::size_t index(Way way) { return static_cast<std::size_t>(way); }
    ImpairedDirection& at(Way way) { return way == Way::in ? in_ : out_; }
    HashKey seed() const;
    void begin_schedule(Timestamp now);
    void connect(bool connected);
    Duration next_phase();

    CableSettings settings_;
    HashKey unseeded_;
    Ledger& ledger_;
    ImpairedDirection in_, out_;
    Dice phases_;
    bool connected_ = true;
    std::optional<Timestamp> phase_ends_ = {};  // of a cable that flaps
    std::uint64_t flaps_ = 0;
    std::uint64_t refused_[2] = {0, 0}, refused_before_[2] = {0, 0};
};

}  // namespace hairpin::l2
