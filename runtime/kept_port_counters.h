#pragma once
// Counters of the switch's ports that outlive the daemon: a file beside the commits, read when the daemon begins, written once a minute where
// something has been counted, and at the end. A daemon that is killed loses what it counted since.
//
// Only what is shown begins where the earlier run ended: what the ports themselves count, and the packet ledger, begin with the daemon. What was
// counted before belongs to a port's name; where no port of that name is left, it is forgotten with the next writing.

#include <optional>
#include <string>

#include "net/result.h"
#include "net/time.h"
#include "runtime/kept_file.h"

namespace hairpin::runtime {

class CounterBaselines;
class Worker;

class KeptPortCounters {
public:
    static constexpr Duration kInterval = std::chrono::minutes{1};
    static constexpr const char* kFileName = "port-counters.json";

    // The folder is there; empty: nothing is kept. The others outlive this.
    KeptPortCounters(const Worker& worker, CounterBaselines& baselines, const std::string& folder);

    // Takes up what an earlier run has counted. An Error says what is wrong with the file; then everything begins at nothing. No file is no error.
    Result<void> restore();
    // To be called now and then: writes when it is time, on another thread, and logs a file that could not be written.
    void look(Timestamp now);
    // The last time; returns when it is on the disk.
    Result<void> finish();

private:
    std::string text() const;
    bool still_writes();

    const Worker& worker_;
    CounterBaselines& baselines_;
    KeptFile file_;
    std::string written_;
    std::optional<Timestamp> next_;
};

}  // namespace hairpin::runtime
