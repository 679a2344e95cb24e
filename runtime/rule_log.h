#pragma once
// What rules that log have decided, on its way to the log and to who monitors. The packet path only puts a record down here; look()
// writes, so no packet waits for a line to be formatted or a pipe to be read.
//
// No more are taken than the ruleset's logging allows a second, with as many at once after silence, and never more than kMostWaiting
// between two looks. What is more is counted, and told in a line of its own: at once, and then each ten seconds for as long as it goes on.

#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/icmp/token_bucket.h"
#include "gateway/rule_record.h"

namespace hairpin::runtime {

class EventFeed;
class Worker;

class RuleLog final : public gateway::RuleObserver {
public:
    static constexpr std::size_t kMostWaiting = 20'000;
    static constexpr Duration kTellingInterval = std::chrono::seconds{10};

    // Both outlive it.
    RuleLog(Worker& worker, EventFeed& events);
    ~RuleLog() override;

    void decided(const gateway::RuleRecord& record) override;
    // To be called now and then: writes what has been decided since.
    void look(Timestamp now);
    // The last look: also says at once what was not written.
    void finish();

private:
    void write();
    void tell_of_unwritten();

    Worker& worker_;
    EventFeed& events_;
    unsigned rate_ = 0;
    gateway::TokenBucket bucket_;
    std::vector<gateway::RuleRecord> waiting_;
    std::uint64_t unwritten_ = 0;
    std::optional<Timestamp> told_;
};

}  // namespace hairpin::runtime
