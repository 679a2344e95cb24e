#pragma once
// How much passes each port of the switch a second: of the last second, and as a mean of the last minute, where what is longer ago counts
// less. Measured all the time, so that whoever asks need not wait.

#include <map>
#include <optional>
#include <string>

#include "net/time.h"
#include "net/traffic_counters.h"

namespace hairpin::runtime {

class Worker;

class PortRates {
public:
    static constexpr Duration kInterval = std::chrono::seconds{1};
    static constexpr double kMeanSeconds = 60;

    struct Rate {
        double in_packets = 0, in_bits = 0, out_packets = 0, out_bits = 0, drops = 0;  // each a second
    };
    struct Port {
        TrafficCounters counted;
        Rate last = {}, mean = {};
        bool measured = false;  // twice looked at
    };

    // To be called now and then; does nothing until a second has passed.
    void look(const Worker& worker, Timestamp now);
    // By name; of those that are there.
    const std::map<std::string, Port>& ports() const { return ports_; }

private:
    std::optional<Timestamp> last_;
    std::map<std::string, Port> ports_;
};

}  // namespace hairpin::runtime
