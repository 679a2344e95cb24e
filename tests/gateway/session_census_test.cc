#include "gateway/limits/session_census.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

#include "gateway/limits/pace.h"
#include "gateway/ruleset.h"
#include "gateway/sessions/progress.h"

namespace hairpin::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Timestamp kBeginning{seconds{1000}};
constexpr InterfaceId kOutside{0}, kInside{1};

TEST(APace, LetsABurstComeAndThenOneAtATime) {
    Pace pace;
    const auto comes = [&](Timestamp now) {
        if (!pace.allows(now, 10, 3)) return false;
        pace.take(now, 10);
        return true;
    };
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(comes(kBeginning)) << i;
    EXPECT_FALSE(comes(kBeginning));
    EXPECT_FALSE(comes(kBeginning + milliseconds{99}));
    EXPECT_TRUE(comes(kBeginning + milliseconds{100}));
    EXPECT_FALSE(comes(kBeginning + milliseconds{100}));
    EXPECT_FALSE(pace.at_rest(kBeginning + milliseconds{399}));
    EXPECT_TRUE(pace.at_rest(kBeginning + milliseconds{400}));
}

RC_GTEST_PROP(APace, IsNeverExceededInAnyStretchOfTime, ()) {
    const auto per_second = *rc::gen::inRange<std::uint32_t>(1, 1000), burst = *rc::gen::inRange<std::uint32_t>(1, 50);
    const auto waits = *rc::gen::container<std::vector<std::int64_t>>(100, rc::gen::inRange<std::int64_t>(0, 20));
    Pace pace;
    std::vector<Timestamp> came;
    Timestamp now = kBeginning;
    for (const std::int64_t wait : waits) {
        now += milliseconds{wait};
        if (!pace.allows(now, per_second, burst)) continue;
        pace.take(now, per_second);
        came.push_back(now);
    }
    for (std::size_t from = 0; from < came.size(); ++from)
        for (std::size_t to = from; to < came.size(); ++to) {
            const double stretch = std::chrono::duration<double>(came[to] - came[from]).count();
            RC_ASSERT(static_cast<double>(to - from + 1) <= burst + stretch * per_second + 1e-6);
        }
}

struct NoCount {};

TEST(ASubjectTable, ForgetsWhoRestsOnceItsPaceIsAtRest) {
    SubjectTable<NoCount> table{4, HashKey{}};
    const Subject host{Ipv4Address{192, 0, 2, 1}};
    auto& record = table.hold(host);
    record.pace.take(kBeginning, 1);
    table.let_go(record);
    table.expire(kBeginning);
    EXPECT_NE(table.find(host), nullptr) << "its second is not over";
    table.expire(kBeginning + seconds{1});
    EXPECT_EQ(table.find(host), nullptr);
}

TEST(ASubjectTable, ThatIsFullForgetsWhoHasRestedLongest) {
    SubjectTable<NoCount> table{2, HashKey{}};
    const auto host = [](std::uint8_t number) { return Subject{Ipv4Address{192, 0, 2, number}}; };
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
        auto& record = table.hold(host(number));
        record.pace.take(kBeginning, 1);
        table.let_go(record);
    }
    table.hold(host(3));
    EXPECT_EQ(table.find(host(1)), nullptr);
    EXPECT_NE(table.find(host(2)), nullptr);
}

// Few hosts, rules and limits, so that they meet. Beside the census the sessions themselves are counted.
struct Town {
    Town() : sessions{64, HashKey{}}, census{64, HashKey{1, 2}} {}

    static Ruleset rules_with(bool all, bool hosts, std::vector<std::pair<RuleId, RuleLimits>> limited) {
        Ruleset rules;
        rules.interfaces.resize(2);
        rules.interfaces[index_of(kOutside)].role = InterfaceRole::uplink;
        if (all) rules.session_limits.all.sessions = 9;
        if (hosts) rules.session_limits = {rules.session_limits.all, {.sessions = 4, .tcp = 2, .half_open = 1}, {.udp = 2}};
        for (const auto& [id, limits] : limited) {
            FirewallRule rule;
            rule.id = id;
            rule.limits = limits;
            rules.firewall.push_back(rule);
        }
        return rules;
    }

    SessionCount counted(auto&& which) const {
        SessionCount count{};
        sessions.for_each([&](SessionIndex, const Session& session) {
            if (!which(session)) return;
            ++count.sessions;
            const IpProtocol protocol = session.original_key.protocol;
            count.tcp += protocol == IpProtocol::tcp;
            count.udp += protocol == IpProtocol::udp;
            count.icmp += protocol == IpProtocol::icmp;
            count.half_open += is_half_open(session.state);
        });
        return count;
    }

    void expect_right() const {
        std::map<std::pair<std::uint32_t, RuleId>, SessionCount> found;
        census.for_each([&](const SessionCensus::Record& record) {
            found[{record.subject.host.number(), record.subject.number}] = record.count;
        });
        std::map<std::pair<std::uint32_t, RuleId>, SessionCount> expected;
        sessions.for_each([&](SessionIndex, const Session& one) {
            census.plan().for_each_subject(
                one.original_key.source, one.inbound(), one.firewall_rule, [&](const Subject& subject, const SessionLimit&) {
                    expected[{subject.host.number(), subject.number}] = counted([&](const Session& session) {
                        return (subject.host == Ipv4Address{} || session.original_key.source == subject.host) &&
                               (subject.number == kNoRule || session.firewall_rule == subject.number);
                    });
                });
        });
        for (const auto& [key, count] : expected) {
            RC_ASSERT(found.count(key) == 1);
            const SessionCount& has = found[key];
            RC_ASSERT(std::tie(has.sessions, has.tcp, has.udp, has.icmp, has.half_open) ==
                      std::tie(count.sessions, count.tcp, count.udp, count.icmp, count.half_open));
        }
        for (const auto& [key, count] : found) RC_ASSERT(expected.count(key) == (count.sessions != 0));
    }

    SessionTable sessions;
    SessionCensus census;
    std::vector<SessionIndex> live;
};

RC_GTEST_PROP(ASessionCensus, CountsWhatLives, ()) {
    Town town;
    std::uint16_t port = 1;
    const auto steps = *rc::gen::container<std::vector<std::tuple<int, std::uint32_t, std::uint32_t>>>(
        60, rc::gen::tuple(rc::gen::inRange(0, 10), rc::gen::inRange<std::uint32_t>(0, 12),
                           rc::gen::inRange<std::uint32_t>(0, 1000)));
    for (const auto& [what, one, other] : steps) {
        if (what == 0) {
            std::vector<std::pair<RuleId, RuleLimits>> limited;
            if ((other & 4) != 0) limited.push_back({3, {{.sessions = 3}, {}}});
            if ((other & 8) != 0) limited.push_back({1, {{}, {.tcp = 1}}});
            town.census.adopt(LimitPlan{Town::rules_with((other & 1) != 0, (other & 2) != 0, limited)}, town.sessions);
        } else if (what < 6) {
            constexpr auto kProtocols = std::to_array({IpProtocol::tcp, IpProtocol::udp, IpProtocol::icmp, IpProtocol::gre});
            const Ipv4FlowKey key{Ipv4Address{0xc0a8'0001U + one % 3}, Ipv4Address{198, 51, 100, 1}, L4Port{port}, L4Port{port},
                                  kProtocols[other % 4]};
            ++port;
            const SessionState state = first_state(key.protocol);
            const InterfaceId inbound = other % 2 == 0 ? kInside : kOutside;
            const RuleId rule = 1 + one % 4;
            const auto excess = town.census.excess(key, inbound, rule, kBeginning);
            // What is full is what is counted there.
            if (excess) {
                const auto has = town.counted([&](const Session& session) {
                    return (excess->subject.host == Ipv4Address{} || session.original_key.source == excess->subject.host) &&
                           (excess->subject.number == kNoRule || session.firewall_rule == excess->subject.number);
                });
                const std::map<std::string_view, std::uint32_t> by_name{{"sessions", has.sessions},
                                                                        {"tcp-sessions", has.tcp},
                                                                        {"udp-sessions", has.udp},
                                                                        {"half-open", has.half_open}};
                RC_ASSERT(by_name.at(excess->what) >= excess->limit);
                continue;
            }
            const auto index = town.sessions.insert(key, key.reversed(), state, seconds{100}, kBeginning);
            if (!index) continue;
            Session& session = town.sessions[*index];
            session.egress[index_of(Direction::reply)] = inbound;
            session.firewall_rule = rule;
            town.census.began(session, kBeginning);
            town.live.push_back(*index);
        } else if (!town.live.empty()) {
            const std::size_t at = one % town.live.size();
            Session& session = town.sessions[town.live[at]];
            if (what == 6 && session.original_key.protocol == IpProtocol::tcp) {
                const bool opening = session.state == SessionState::established;
                session.state = opening ? SessionState::opening : SessionState::established;
                town.census.turned(session, opening);
            } else if (what == 7) {
                town.census.leave(session);
                session.firewall_rule = 1 + other % 4;
                town.census.join(session);
            } else {
                town.census.leave(session);
                town.sessions.erase(town.live[at]);
                town.live.erase(town.live.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        town.expect_right();
    }
}

TEST(AnExcess, SaysWhoseLimitItIs) {
    EXPECT_EQ((Excess{{}, "half-open", 10}).to_string(), "the gateway has reached its limit: 10 half-open");
    EXPECT_EQ((Excess{{Ipv4Address{192, 0, 2, 7}, 3}, "sessions", 2}).to_string(),
              "192.0.2.7 under rule 3 has reached its limit: 2 sessions");
    EXPECT_EQ((Excess{{{}, 3}, "new-per-second", 2}).to_string(), "rule 3 has reached its limit: 2 new-per-second");
}

}  // namespace
}  // namespace hairpin::gateway
