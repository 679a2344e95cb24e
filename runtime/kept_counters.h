#pragma once
// Rule counters that outlive the daemon: a file beside the commits, read when the daemon begins, written once a minute where something
// has been counted, at once when counters were cleared, and at the end. A daemon that is killed loses what it counted since.
//
// The gateway's time begins with the daemon and never jumps, so a hit's age is right whatever is done to the clock meanwhile. In the
// file hits stand by the clock on the wall, reckoned from their age when it is written; what was counted before comes back with an
// age that reaches before this run's time began. A hit that lies in the future, because the clock was set back, counts as just now.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/rule_counters.h"
#include "net/result.h"
#include "runtime/clock.h"
#include "runtime/kept_file.h"

namespace hairpin::gateway {
class EdgeGateway;
}

namespace hairpin::runtime {

class KeptCounters {
public:
    static constexpr Duration kInterval = std::chrono::minutes{1};
    static constexpr const char* kFileName = "rule-counters.json";

    // The folder is there; empty: nothing is kept. The gateway outlives this.
    KeptCounters(gateway::EdgeGateway& gateway, const std::string& folder);

    // Takes up what an earlier run has counted. An Error says what is wrong with the file; then everything begins at nothing. No file
    // is no error.
    Result<void> restore(const Clock& now);
    // To be called now and then: writes when it is time, and logs a file that could not be written.
    void look(const Clock& now);
    // The last time; returns when it is on the disk.
    Result<void> finish(const Clock& now);

private:
    using Rows = std::vector<std::pair<gateway::RuleId, gateway::RuleCount>>;
    Rows rows() const;
    bool still_writes();

    gateway::EdgeGateway& gateway_;
    KeptFile file_;
    Rows written_;
    std::uint64_t cleared_ = 0;  // how often they had been, when it was written
    std::optional<Timestamp> next_;
};

}  // namespace hairpin::runtime
