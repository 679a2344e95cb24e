#include "gateway/sessions/session_table.h"

namespace hairpin::gateway {

SessionTable::SessionTable(std::size_t capacity, HashKey secret)
    : secret_(secret), records_(capacity), index_(2 * capacity), wheel_(records_) {}

std::optional<SessionTable::Flow> SessionTable::find(const Ipv4FlowKey& key) const {
    const auto number = index_.find(hash_of(key, secret_), [&](std::uint32_t candidate) {
        return records_[candidate >> 1].key(static_cast<Direction>(candidate & 1)) == key;
    });
    if (!number) return std::nullopt;
    return Flow{*number >> 1, static_cast<Direction>(*number & 1)};
}

std::optional<SessionIndex> SessionTable::take_record() {
    if (free_ != kNoSession) {
        const SessionIndex index = free_;
        free_ = records_[index].wheel_next;
        return index;
    }
    if (used_ == records_.size()) return std::nullopt;
    return used_++;
}

std::optional<SessionIndex> SessionTable::insert(const Ipv4FlowKey& original, const Ipv4FlowKey& reply, SessionState state,
                                                 Duration idle, Timestamp now) {
    const auto index = take_record();
    if (!index) return std::nullopt;
    const Tick tick = Tick::at(now);
    if (!started_) wheel_.start(tick), started_ = true;

    Session& session = records_[*index];
    session = Session{};
    session.original_key = original;
    session.reply_key = reply;
    session.state = state;
    session.last_seen = tick;
    session.serial = ++last_serial_;

    index_flows(*index);
    wheel_.insert(*index, Tick{tick.count() + Tick::ticks_in(idle)});
    ++live_;
    return index;
}

void SessionTable::erase(SessionIndex index) {
    Session& session = records_[index];
    ensure(session.alive());
    forget_flows(index);
    wheel_.remove(index);
    session.wheel_slot = Session::kNoSlot;
    session.wheel_next = free_;
    free_ = index;
    --live_;
}

std::optional<SessionIndex> SessionTable::find_evictable() {
    constexpr unsigned kMostLooks = 64;
    std::optional<SessionIndex> oldest;
    for (unsigned looks = 0; looks < std::min<std::size_t>(kMostLooks, used_); ++looks) {
        const SessionIndex index = evicts_next_++ % used_;
        const Session& session = records_[index];
        if (session.alive() && may_be_evicted(session) && (!oldest || session.last_seen < records_[*oldest].last_seen))
            oldest = index;
    }
    return oldest;
}

void SessionTable::hide(SessionIndex index) { forget_flows(index); }
void SessionTable::show(SessionIndex index) { index_flows(index); }

void SessionTable::index_flows(SessionIndex index) {
    for (const Direction direction : {Direction::original, Direction::reply})
        index_.insert(hash_of(records_[index].key(direction), secret_), number_of(index, direction));
}
void SessionTable::forget_flows(SessionIndex index) {
    for (const Direction direction : {Direction::original, Direction::reply})
        index_.erase(hash_of(records_[index].key(direction), secret_), number_of(index, direction));
}

void SessionTable::change_reply(SessionIndex index, const Ipv4FlowKey& reply) {
    ensure(!contains(reply));
    forget_flows(index);
    records_[index].reply_key = reply;
    index_flows(index);
}

void SessionTable::rearm(SessionIndex index, Duration idle) {
    wheel_.remove(index);
    wheel_.insert(index, Tick{records_[index].last_seen.count() + Tick::ticks_in(idle)});
}

}  // namespace hairpin::gateway
