#pragma once
// All sessions of one Worker: an arena of records, an index by flow, and a wheel that says whose time is up.
//
// Not shared. Holds at most `capacity` sessions: when full, a new one is refused and the caller says so to its sender
// (ICMP 3/13); an established session is never put out for a new one (RFC 6888 REQ-11). No allocation after construction.

#include <cstdint>
#include <optional>

#include "gateway/sessions/flow_index.h"
#include "gateway/sessions/session.h"
#include "gateway/sessions/timer_wheel.h"
#include "net/hash.h"

namespace hairpin::gateway {

// Nobody has answered it yet: it is half open, or UDP in one direction.
inline bool may_be_evicted(const Session& session) {
    const bool unanswered = session.state == SessionState::udp || is_half_open(session.state);
    return unanswered && session.packets[index_of(Direction::reply)] == 0;
}

class SessionTable {
public:
    struct Flow {
        SessionIndex session;
        Direction direction;
    };

    SessionTable(std::size_t capacity, HashKey secret);

    std::optional<Flow> find(const Ipv4FlowKey& key) const;
    void prefetch(const Ipv4FlowKey& key) const { index_.prefetch(hash_of(key, secret_)); }
    bool contains(const Ipv4FlowKey& key) const { return find(key).has_value(); }

    // Both keys must be free; nullopt when the table is full. The record is zero but for its keys, times and serial number.
    std::optional<SessionIndex> insert(const Ipv4FlowKey& original, const Ipv4FlowKey& reply, SessionState state, Duration idle,
                                       Timestamp now);
    void erase(SessionIndex session);
    // As if it were erased, to whoever looks for its flows, until it is shown again; nothing may be inserted meanwhile.
    void hide(SessionIndex session);
    void show(SessionIndex session);
    // The session's answers turn out to have another key than was awaited, which must be free.
    void change_reply(SessionIndex session, const Ipv4FlowKey& reply);
    // The session's idle time has changed: look at it when that is over, not later.
    void rearm(SessionIndex session, Duration idle);

    // A session that may make room for another one: of a few, the one that has been silent for longest of those that may_be_evicted().
    // nullopt: there is none among those that were looked at, each time others.
    std::optional<SessionIndex> find_evictable();

    Session& operator[](SessionIndex session) { return records_[session]; }
    const Session& operator[](SessionIndex session) const { return records_[session]; }
    std::size_t size() const { return live_; }
    std::size_t capacity() const { return records_.size(); }
    bool full() const { return live_ == records_.size(); }

    // Ends the sessions that have been silent for longer than `lifetimes` says of them; at most `limit` are looked at. `ended(session)` is
    // called before each is erased.
    template <class Lifetimes, class Ended>
    void expire(const Lifetimes& lifetimes, Timestamp now, std::size_t limit, Ended&& ended) {
        const Tick tick = Tick::at(now);
        wheel_.turn(tick, limit, [&](SessionIndex index) {
            Session& session = records_[index];
            const Tick deadline{session.last_seen.count() + Tick::ticks_in(lifetimes.idle(session))};
            // Ticks are rounded down, so a tick more must pass: nothing ends early (RFC 5382 REQ-5 is a MUST NOT).
            if (deadline >= tick) return wheel_.insert(index, Tick{deadline.count() + 1});
            ended(session);
            wheel_.insert(index, deadline);  // erase() takes it out again: one way to free a record
            erase(index);
        });
    }

    // Calls `visit(index, session)` for each live session; `visit` may erase that one.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (SessionIndex index = 0; index < used_; ++index)
            if (records_[index].alive()) visit(index, records_[index]);
    }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (SessionIndex index = 0; index < used_; ++index)
            if (records_[index].alive()) visit(index, records_[index]);
    }

private:
    // The index's numbers: a session's index and which of its flows.
    static std::uint32_t number_of(SessionIndex session, Direction direction) {
        return session << 1 | static_cast<std::uint32_t>(direction);
    }
    void index_flows(SessionIndex session);
    void forget_flows(SessionIndex session);
    std::optional<SessionIndex> take_record();

    HashKey secret_;
    ReservedArray<Session> records_;
    FlowIndex index_;
    TimerWheel<Session> wheel_;
    SessionIndex used_ = 0;           // records beyond were never in use
    SessionIndex free_ = kNoSession;  // linked through wheel_next
    std::size_t live_ = 0;
    SessionIndex evicts_next_ = 0;  // where the next search begins
    std::uint32_t last_serial_ = 0;
    bool started_ = false;
};

}  // namespace hairpin::gateway
