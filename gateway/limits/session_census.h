#pragma once
// How many sessions everybody has of whom a LimitPlan wants to know, and whether another one may begin.
//
// Owned by one gateway, beside its SessionTable. Costs nothing where there are no limits. A limit is for sessions that begin: those that
// live stay when it gets smaller.

#include <optional>
#include <string>

#include "gateway/limits/limit_plan.h"
#include "gateway/limits/subject_table.h"
#include "gateway/sessions/session_table.h"

namespace hairpin::gateway {

struct SessionCount {
    std::uint32_t sessions, tcp, udp, icmp, half_open;
};

// Why a session may not begin.
struct Excess {
    Subject subject;        // whose limit it is; no host and no rule: the one of all
    std::string_view what;  // of the limit, as the configuration names it
    std::uint32_t limit = 0;

    std::string to_string() const;  // "192.0.2.7 under rule 3 has reached its limit: 10 half-open"
};

class SessionCensus {
public:
    using Record = SubjectTable<SessionCount>::Record;

    SessionCensus(std::size_t sessions, HashKey secret) : counts_(kSubjectsPerSession * sessions, secret) {}

    // The plan in force from now on; where it counts otherwise than the last, everything is counted anew, and the paces begin again.
    void adopt(LimitPlan plan, const SessionTable& sessions);
    const LimitPlan& plan() const { return plan_; }
    // In place of the one in force while somebody supposes other rules; nothing may begin or end meanwhile.
    void exchange(LimitPlan& plan) { std::swap(plan_, plan); }

    // What keeps a session from beginning; nothing: it may.
    std::optional<Excess> excess(const Ipv4FlowKey& original, InterfaceId inbound, RuleId rule, Timestamp now) const;
    void count_refusal(const Excess& excess);

    // A session begins, which takes of the pace as well.
    void began(const Session& session, Timestamp now);
    // Its handshake is over, or began again.
    void turned(const Session& session, bool half_open);
    // It ends; or it leaves, and joins again, around a change of the rule that it is under.
    void leave(const Session& session) { count(session, -1); }
    void join(const Session& session) { count(session, 1); }

    void expire(Timestamp now) { counts_.expire(now); }
    // `visit(const Record&)`.
    template <class Visit>
    void for_each(Visit&& visit) const {
        counts_.for_each(visit);
    }

private:
    static constexpr std::size_t kSubjectsPerSession = 4;  // all, host, rule, host under the rule

    void count(const Session& session, int difference);
    template <class Visit>
    void for_each_subject(const Session& session, Visit&& visit) const {
        plan_.for_each_subject(session.original_key.source, session.inbound(), session.firewall_rule, visit);
    }

    LimitPlan plan_;
    SubjectTable<SessionCount> counts_;
};

}  // namespace hairpin::gateway
