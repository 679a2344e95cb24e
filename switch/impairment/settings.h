#pragma once
// What is wrong with the cable between a port of the switch and its host: values, as config/ compiles them.
//
// `in` is what the host sends into the switch, `out` what the switch sends to the host: as IN and OUT of `show ports`.

#include <cstdint>
#include <optional>

#include "net/time.h"

namespace hairpin::l2 {

// What happens to the packets of one direction, in the order in which it does. Shares are from 0 to 1, of packets.
struct ImpairmentSettings {
    enum class Distribution : std::uint8_t { uniform, normal, pareto };
    enum class Order : std::uint8_t { kept, free };

    double loss = 0;
    double loss_correlation = 0;   // how often a packet shares the fate of the one before it
    double loss_burst = 0;         // how many are lost in a row, on average (Gilbert); 0: each for itself
    std::uint32_t loss_every = 0;  // every Nth packet is lost; 0: none is

    double corrupt = 0;    // one bit is wrong
    double duplicate = 0;  // comes twice

    std::uint64_t rate = 0;      // bits a second; 0: as fast as may be
    std::uint32_t limit = 1000;  // packets that may wait for the rate

    Duration delay = {};
    Duration jitter = {};  // uniform: at most so much more or less; otherwise the standard deviation
    Distribution distribution = Distribution::uniform;
    double delay_correlation = 0;  // how often a packet takes as long as the one before it
    double reorder = 0;            // takes no delay, and so overtakes those that do
    Order order = Order::kept;     // whether jitter alone lets a packet overtake another

    bool nothing() const { return *this == ImpairmentSettings{.limit = limit, .distribution = distribution, .order = order}; }
    friend bool operator==(const ImpairmentSettings&, const ImpairmentSettings&) = default;
};

// The cable is in for `up` and out for `down`, for ever; each time more or less by up to `jitter`.
struct FlapSettings {
    Duration up, down;
    Duration jitter = {};
    friend bool operator==(const FlapSettings&, const FlapSettings&) = default;
};

struct CableSettings {
    enum class State : std::uint8_t { up, down };
    ImpairmentSettings in = {}, out = {};
    std::optional<std::uint64_t> seed = {};  // the same seed has the same effect on the same packets; none: a new one each time
    State state = State::up;
    std::optional<FlapSettings> flap = {};

    // A cable like any other.
    bool perfect() const { return in.nothing() && out.nothing() && state == State::up && !flap; }
    friend bool operator==(const CableSettings&, const CableSettings&) = default;
};

}  // namespace hairpin::l2
