#include "runtime/rule_log.h"

#include <utility>

#include "runtime/event_feed.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

RuleLog::RuleLog(Worker& worker, EventFeed& events) : worker_(worker), events_(events) { worker_.gateway().observe_rules(this); }

RuleLog::~RuleLog() { worker_.gateway().observe_rules(nullptr); }

void RuleLog::decided(const gateway::RuleRecord& record) {
    const unsigned rate = worker_.gateway().ruleset().logging.records_per_second;
    if (rate != rate_) bucket_ = gateway::TokenBucket{rate_ = rate};
    if (waiting_.size() < kMostWaiting && bucket_.take(record.when))
        waiting_.push_back(record);
    else
        ++unwritten_;
}

void RuleLog::look(Timestamp now) {
    write();
    if (unwritten_ == 0 || (told_ && now - *told_ < kTellingInterval)) return;
    told_ = now;
    tell_of_unwritten();
}

void RuleLog::finish() {
    write();
    if (unwritten_ > 0) tell_of_unwritten();
}

void RuleLog::write() {
    for (const gateway::RuleRecord& record : waiting_) events_.rule_decided(record);
    waiting_.clear();
}

void RuleLog::tell_of_unwritten() { events_.rules_unwritten(std::exchange(unwritten_, 0), rate_); }

}  // namespace hairpin::runtime
