#pragma once
// What passes the switch's ports and the gateway's interfaces a second, measured between two looks that are a second apart.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "net/time.h"
#include "net/traffic_counters.h"

namespace hairpin::runtime {

class Worker;

class Rates {
public:
    static constexpr Duration kInterval = std::chrono::seconds{1};

    // A row for each interface and port, when kInterval has passed since the last time; the first look only begins to count.
    std::optional<nlohmann::json> look(const Worker& worker, Timestamp now);
    // Nobody looks any more: the next look begins anew.
    void forget() { last_.reset(); }

private:
    using Counts = std::map<std::pair<std::string, std::string>, TrafficCounters>;  // by kind and name
    static Counts counts_of(const Worker& worker);

    std::optional<Timestamp> last_;
    Counts counts_;
};

}  // namespace hairpin::runtime
