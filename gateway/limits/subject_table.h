#pragma once
// A record for each of whom something is counted: an address, and a number of the caller's (a rule, a protocol) that may be 0.
//
// A record comes to be when something of its subject is first counted, and is held for as long as something is: hold() and let_go() of the
// same subject come in pairs. What nobody holds rests until its pace need not be remembered. Not shared. Holds as many as it was made for;
// when all are held or resting, those that have rested longest make room. No allocation after construction.

#include <cstdint>

#include "gateway/limits/pace.h"
#include "gateway/sessions/flow_index.h"
#include "net/hash.h"
#include "net/ipv4_address.h"
#include "net/reserved_array.h"

namespace hairpin::gateway {

struct Subject {
    Ipv4Address host;
    std::uint32_t number = 0;
    friend bool operator==(const Subject&, const Subject&) = default;
};

// Count: trivially copyable, begins as zero bytes, and is the subject's while it is held or rests.
template <class Count>
class SubjectTable {
public:
    struct Record {
        Subject subject;
        std::uint32_t holds;
        std::uint32_t refused;  // for want of room or pace
        Pace pace;
        Count count;
        std::uint32_t previous, next;  // of those that rest, and of free ones next alone
    };

    // Room for so many subjects that are held at once.
    SubjectTable(std::size_t subjects, HashKey secret) : secret_(secret), records_(subjects), index_(subjects) {}

    const Record* find(const Subject& subject) const {
        const auto number = number_of(subject);
        return number ? &records_[*number] : nullptr;
    }
    Record* find(const Subject& subject) { return const_cast<Record*>(std::as_const(*this).find(subject)); }

    Record& hold(const Subject& subject) {
        std::uint32_t number;
        if (const auto found = number_of(subject)) {
            number = *found;
            if (records_[number].holds == 0) wake(number);
        } else {
            number = take_record();
            records_[number] = Record{};
            records_[number].subject = subject;
            index_.insert(hash_of(subject), number);
        }
        ++records_[number].holds;
        return records_[number];
    }
    void let_go(Record& record) {
        ensure(record.holds > 0);
        if (--record.holds == 0) rest(static_cast<std::uint32_t>(&record - &records_[0]));
    }

    void expire(Timestamp now) {
        while (rests_longest_ != kNone && records_[rests_longest_].pace.at_rest(now)) forget(rests_longest_);
    }
    void clear() {
        for (std::uint32_t number = 0; number < used_; ++number)
            if (in_use(number)) index_.erase(hash_of(records_[number].subject), number);
        used_ = 0;
        free_ = rests_longest_ = rests_shortest_ = kNone;
    }

    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::uint32_t number = 0; number < used_; ++number)
            if (in_use(number)) visit(records_[number]);
    }

private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    static constexpr std::uint32_t kFreeRecord = ~std::uint32_t{0};  // in `holds`

    std::uint64_t hash_of(const Subject& subject) const {
        return keyed_hash(std::uint64_t{subject.host.number()} << 32 | subject.number, secret_);
    }
    std::optional<std::uint32_t> number_of(const Subject& subject) const {
        return index_.find(hash_of(subject), [&](std::uint32_t candidate) { return records_[candidate].subject == subject; });
    }
    bool in_use(std::uint32_t number) const { return records_[number].holds != kFreeRecord; }

    std::uint32_t take_record() {
        if (free_ == kNone && used_ == records_.size()) {
            ensure(rests_longest_ != kNone);  // there is room for all that can be held
            forget(rests_longest_);
        }
        if (free_ == kNone) return used_++;
        return std::exchange(free_, records_[free_].next);
    }
    void rest(std::uint32_t number) {
        records_[number].previous = rests_shortest_;
        records_[number].next = kNone;
        (rests_shortest_ == kNone ? rests_longest_ : records_[rests_shortest_].next) = number;
        rests_shortest_ = number;
    }
    void wake(std::uint32_t number) {
        const Record& record = records_[number];
        (record.previous == kNone ? rests_longest_ : records_[record.previous].next) = record.next;
        (record.next == kNone ? rests_shortest_ : records_[record.next].previous) = record.previous;
    }
    void forget(std::uint32_t number) {
        wake(number);
        index_.erase(hash_of(records_[number].subject), number);
        records_[number].holds = kFreeRecord;
        records_[number].next = free_;
        free_ = number;
    }

    HashKey secret_;
    ReservedArray<Record> records_;
    FlowIndex index_;
    std::uint32_t used_ = 0, free_ = kNone;
    std::uint32_t rests_longest_ = kNone, rests_shortest_ = kNone;
};

}  // namespace hairpin::gateway
