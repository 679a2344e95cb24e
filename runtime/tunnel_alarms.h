#pragma once
// A warning in the log when frames do not fit a tunnel: which MTU is to be set. At the first frame that is refused on its way to a
// remote, and again every ten seconds for as long as more are.

#include <map>
#include <string>

#include "net/time.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

class TunnelAlarms {
public:
    static constexpr Duration kBetweenAlarms = std::chrono::seconds{10};

    explicit TunnelAlarms(const Worker& worker) : worker_(worker) {}
    // Called now and then.
    void look(Timestamp now);

private:
    struct Told {
        std::uint64_t refused = 0;
        Timestamp quiet_until{};
    };
    const Worker& worker_;
    std::map<std::string, Told> told_;  // by port and remote; of those that have refused something
};

}  // namespace hairpin::runtime
