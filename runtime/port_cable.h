#pragma once
// The cable of a port that has one which is not perfect, and the timer that wakes it. The Worker asks it what passes.
//
// What is due within kGrain leaves together, that much late at most and never early: at a gigabit a packet is due every 12 us, and a turn
// of the loop for each would cost more than the packets.

#include <memory>
#include <optional>

#include "runtime/precise_timer.h"
#include "switch/impairment/cable.h"

namespace hairpin::runtime {

class PortCable {
public:
    static constexpr Duration kGrain = std::chrono::microseconds{50};

    // `wake` is called when cable.next_event() has come. Pool and ledger outlive it.
    static Result<std::unique_ptr<PortCable>> make(EventLoop& loop, const l2::CableSettings& settings, PacketPool& waiting,
                                                   Ledger& ledger, std::function<void()> wake);

    l2::Cable cable;

    // To be called whenever the cable was told something: sees to it that `wake` comes in time.
    void arm();

private:
    PortCable(const l2::CableSettings& settings, PacketPool& waiting, Ledger& ledger);

    PreciseTimer timer_;
    std::optional<Timestamp> armed_for_ = {};
};

}  // namespace hairpin::runtime
