#include "gateway/limits/session_census.h"

#include "gateway/sessions/progress.h"

namespace hairpin::gateway {

namespace {

// What of a limit is asked: the count it is compared with, which sessions have it, and the name of its setting.
struct Aspect {
    std::uint32_t SessionLimit::*limit;
    std::uint32_t SessionCount::*count;
    bool (*concerns)(IpProtocol protocol);
    std::string_view what;
};
constexpr auto kAspects = std::to_array<Aspect>({
    {&SessionLimit::sessions, &SessionCount::sessions, [](IpProtocol) { return true; }, "sessions"},
    {&SessionLimit::tcp, &SessionCount::tcp, [](IpProtocol protocol) { return protocol == IpProtocol::tcp; }, "tcp-sessions"},
    {&SessionLimit::udp, &SessionCount::udp,
     [](IpProtocol protocol) { return protocol == IpProtocol::udp || protocol == IpProtocol::udp_lite; }, "udp-sessions"},
    {&SessionLimit::icmp, &SessionCount::icmp, [](IpProtocol protocol) { return protocol == IpProtocol::icmp; }, "icmp-sessions"},
    {&SessionLimit::half_open, &SessionCount::half_open, [](IpProtocol protocol) { return is_half_open(first_state(protocol)); },
     "half-open"},
});

void add(std::uint32_t& count, int difference) { count += static_cast<std::uint32_t>(difference); }

}  // namespace

std::string Excess::to_string() const {
    std::string who = subject.host == Ipv4Address{} ? "" : subject.host.to_string();
    if (subject.number != kNoRule) who += (who.empty() ? "rule " : " under rule ") + std::to_string(subject.number);
    if (who.empty()) who = "the gateway";
    return who + " has reached its limit: " + std::to_string(limit) + " " + std::string{what};
}

void SessionCensus::adopt(LimitPlan plan, const SessionTable& sessions) {
    const bool anew = !plan.counts_like(plan_);
    plan_ = std::move(plan);
    if (!anew) return;
    counts_.clear();
    if (plan_.empty()) return;
    sessions.for_each([&](SessionIndex, const Session& session) { join(session); });
}

std::optional<Excess> SessionCensus::excess(const Ipv4FlowKey& original, InterfaceId inbound, RuleId rule, Timestamp now) const {
    std::optional<Excess> found;
    plan_.for_each_subject(original.source, inbound, rule, [&](const Subject& subject, const SessionLimit& limit) {
        const Record* record = found ? nullptr : counts_.find(subject);
        if (record == nullptr) return;
        for (const Aspect& aspect : kAspects)
            if (limit.*aspect.limit != 0 && record->count.*aspect.count >= limit.*aspect.limit &&
                aspect.concerns(original.protocol)) {
                found = Excess{subject, aspect.what, limit.*aspect.limit};
                return;
            }
        if (limit.per_second != 0 && !record->pace.allows(now, limit.per_second, limit.burst))
            found = Excess{subject, "new-per-second", limit.per_second};
    });
    return found;
}

void SessionCensus::count_refusal(const Excess& excess) {
    if (Record* record = counts_.find(excess.subject)) ++record->refused;
}

void SessionCensus::began(const Session& session, Timestamp now) {
    if (plan_.empty()) return;
    join(session);
    for_each_subject(session, [&](const Subject& subject, const SessionLimit& limit) {
        if (limit.per_second != 0) counts_.find(subject)->pace.take(now, limit.per_second);
    });
}

void SessionCensus::turned(const Session& session, bool half_open) {
    for_each_subject(session, [&](const Subject& subject, const SessionLimit&) {
        add(counts_.find(subject)->count.half_open, half_open ? 1 : -1);
    });
}

void SessionCensus::count(const Session& session, int difference) {
    const IpProtocol protocol = session.original_key.protocol;
    for_each_subject(session, [&](const Subject& subject, const SessionLimit&) {
        Record* record = difference > 0 ? &counts_.hold(subject) : counts_.find(subject);
        ensure(record != nullptr);
        for (const Aspect& aspect : kAspects)
            if (aspect.count == &SessionCount::half_open ? is_half_open(session.state) : aspect.concerns(protocol))
                add(record->count.*aspect.count, difference);
        if (difference < 0) counts_.let_go(*record);
    });
}

}  // namespace hairpin::gateway
