#pragma once
// When to look at a session again. Lazy: a packet stores a tick in its session and nothing else; when the session's slot comes
// round, whoever turns the wheel asks how long it has really been silent, and puts it back further on if it was not.
//
// 8192 slots of 1/8 s: a deadline more than 17 minutes ahead waits in the last slot and is put back from there. Doubly linked
// through the records, so that a session that is closed, or must go sooner, leaves its slot at once.

#include <cstdint>
#include <vector>

#include "gateway/sessions/session.h"
#include "net/reserved_array.h"
#include "net/time.h"

namespace hairpin::gateway {

template <class Record>
class TimerWheel {
public:
    static constexpr std::uint32_t kSlots = 8192;

    explicit TimerWheel(ReservedArray<Record>& records) : records_(records), heads_(kSlots, kNoSession) {}

    // Starts the wheel's hand at `now`; before the first insert.
    void start(Tick now) { hand_ = now.count(); }

    void insert(SessionIndex index, Tick deadline) {
        const std::uint32_t latest = hand_ + kSlots - 1;
        const std::uint32_t due = deadline.count() <= hand_ ? hand_ + 1 : deadline.count() < latest ? deadline.count() : latest;
        Record& record = records_[index];
        record.wheel_slot = static_cast<decltype(record.wheel_slot)>(due % kSlots);
        record.wheel_previous = kNoSession;
        record.wheel_next = heads_[record.wheel_slot];
        if (record.wheel_next != kNoSession) records_[record.wheel_next].wheel_previous = index;
        heads_[record.wheel_slot] = index;
    }

    void remove(SessionIndex index) {
        Record& record = records_[index];
        if (record.wheel_previous != kNoSession)
            records_[record.wheel_previous].wheel_next = record.wheel_next;
        else
            heads_[record.wheel_slot] = record.wheel_next;
        if (record.wheel_next != kNoSession) records_[record.wheel_next].wheel_previous = record.wheel_previous;
    }

    // Moves the hand up to `now` and calls `due(index)` for each session found, at most `limit` of them; the session is out of
    // its slot then and is put back, or freed, by the caller. Returns how many were called.
    template <class Due>
    std::size_t turn(Tick now, std::size_t limit, Due&& due) {
        std::size_t called = 0;
        while (hand_ < now.count()) {
            const std::uint32_t slot = (hand_ + 1) % kSlots;
            while (heads_[slot] != kNoSession) {
                if (called == limit) return called;
                const SessionIndex index = heads_[slot];
                remove(index);
                ++called;
                due(index);
            }
            ++hand_;
        }
        return called;
    }

private:
    ReservedArray<Record>& records_;
    std::vector<SessionIndex> heads_;
    std::uint32_t hand_ = 0;
};

}  // namespace hairpin::gateway
