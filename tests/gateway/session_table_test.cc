#include "gateway/sessions/session_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace hairpin::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kStart{seconds{1000}};
constexpr std::size_t kNoLimit = ~std::size_t{0};

// The `number`th host's flow to a server, and what answers it once its source is translated.
Ipv4FlowKey original_of(std::uint32_t number) {
    return {Ipv4Address{0xc0a8'0000 + number}, Ipv4Address{198, 51, 100, 10}, L4Port{40000}, L4Port{80}, IpProtocol::udp};
}
Ipv4FlowKey reply_of(std::uint32_t number) {
    return {Ipv4Address{198, 51, 100, 10}, Ipv4Address{203, 0, 113, 80}, L4Port{80}, L4Port{static_cast<std::uint16_t>(number)},
            IpProtocol::udp};
}

// As long as the timeouts say, with no rule that says otherwise.
struct ByState {
    const Timeouts& timeouts;
    Duration idle(const Session& session) const { return timeouts.idle(session.state); }
};

class Sessions {
public:
    explicit Sessions(std::size_t capacity = 64) : table{capacity, HashKey{}} {}

    std::optional<SessionIndex> open(std::uint32_t number, Timestamp now = kStart, SessionState state = SessionState::udp) {
        return table.insert(original_of(number), reply_of(number), state, timeouts.idle(state), now);
    }
    // The originals' hosts of those that ended, in order.
    std::vector<std::uint32_t> expire(Timestamp now, std::size_t limit = kNoLimit) {
        std::vector<std::uint32_t> ended;
        table.expire(ByState{timeouts}, now, limit, [&](const Session& session) {
            EXPECT_TRUE(table.contains(session.original_key)) << "it is told of before it is gone";
            ended.push_back(session.original_key.source.number() & 0xffff);
        });
        return ended;
    }

    SessionTable table;
    Timeouts timeouts;
};

TEST(SessionTable, ASessionIsFoundByBothItsFlows) {
    Sessions sessions;
    const auto index = sessions.open(1);
    ASSERT_TRUE(index);

    const auto there = sessions.table.find(original_of(1)), back = sessions.table.find(reply_of(1));
    ASSERT_TRUE(there && back);
    EXPECT_EQ(there->session, *index);
    EXPECT_EQ(there->direction, Direction::original);
    EXPECT_EQ(back->session, *index);
    EXPECT_EQ(back->direction, Direction::reply);
    EXPECT_FALSE(sessions.table.contains(original_of(1).reversed()));
    EXPECT_FALSE(sessions.table.contains(reply_of(1).reversed()));
    EXPECT_FALSE(sessions.table.contains(original_of(2)));
}

TEST(SessionTable, EveryFieldOfAKeyTellsFlowsApart) {
    Sessions sessions;
    sessions.open(1);
    for (const auto& change : std::vector<void (*)(Ipv4FlowKey&)>{
             [](auto& key) { key.source = Ipv4Address{key.source.number() ^ 1}; },
             [](auto& key) { key.destination = Ipv4Address{key.destination.number() ^ 1}; },
             [](auto& key) { key.source_port = L4Port{1}; },
             [](auto& key) { key.destination_port = L4Port{1}; },
             [](auto& key) { key.protocol = IpProtocol::tcp; },
         }) {
        Ipv4FlowKey key = original_of(1);
        change(key);
        EXPECT_FALSE(sessions.table.contains(key)) << key.to_string();
    }
}

TEST(SessionTable, ARecordIsZeroButForItsKeysTimesAndSerial) {
    Sessions sessions{1};
    for (int use = 0; use < 2; ++use) {
        const auto index = sessions.open(1, kStart + use * seconds{10});
        ASSERT_TRUE(index);
        Session& session = sessions.table[*index];
        EXPECT_EQ(session.original_key, original_of(1));
        EXPECT_EQ(session.reply_key, reply_of(1));
        EXPECT_EQ(session.state, SessionState::udp);
        EXPECT_EQ(session.last_seen, Tick::at(kStart + use * seconds{10}));
        EXPECT_EQ(session.packets[0] + session.packets[1] + session.bytes[0] + session.bytes[1], 0u);
        EXPECT_EQ(session.tcp.syn + session.tcp.fin + session.tcp.fin_acknowledged, 0);
        EXPECT_EQ(session.firewall_rule + session.dnat_rule + session.snat_rule, kNoRule);
        EXPECT_TRUE(session.decided_by(0));
        // What this use leaves behind, the next must not see.
        session.packets[0] = 5, session.bytes[1] = 500, session.tcp.syn = 3, session.tcp.fin = 1;
        session.firewall_rule = session.dnat_rule = session.snat_rule = 7, session.decide_by(9);
        sessions.table.erase(*index);
    }
}

TEST(Rfc6888, Req11a_Req11d_AFullTableRefusesANewSessionAndPutsNoneOut) {
    Sessions sessions{3};
    EXPECT_EQ(sessions.table.capacity(), 3u);
    for (std::uint32_t number = 0; number < 3; ++number) EXPECT_TRUE(sessions.open(number));
    EXPECT_FALSE(sessions.open(3));
    EXPECT_FALSE(sessions.open(4));
    EXPECT_EQ(sessions.table.size(), 3u);
    for (std::uint32_t number = 0; number < 3; ++number) EXPECT_TRUE(sessions.table.contains(original_of(number)));
    EXPECT_FALSE(sessions.table.contains(original_of(3)));
    EXPECT_FALSE(sessions.table.contains(reply_of(3)));

    sessions.table.erase(sessions.table.find(original_of(1))->session);
    EXPECT_TRUE(sessions.open(3));
    EXPECT_FALSE(sessions.open(4));
}

TEST(SessionTable, ForNobodyHasRoomForNobody) {
    Sessions sessions{0};
    EXPECT_FALSE(sessions.open(1));
    EXPECT_FALSE(sessions.table.contains(original_of(1)));
    EXPECT_THAT(sessions.expire(kStart + minutes{10}), IsEmpty());
}

TEST(SessionTable, ARecordIsUsedAgainButNotItsSerialNumber) {
    Sessions sessions{1};
    std::set<std::uint64_t> ids;
    for (std::uint32_t number = 0; number < 100; ++number) {
        const auto index = sessions.open(number);
        ASSERT_EQ(index, 0u);
        EXPECT_TRUE(ids.insert(sessions.table[*index].id()).second) << "the serial number of an earlier session";
        EXPECT_NE(sessions.table[*index].id(), 0u) << "0 is no session";
        sessions.table.erase(*index);
    }
}

TEST(SessionTable, ForEachVisitsTheLiveOnesAndLetsThemBeErased) {
    Sessions sessions;
    for (std::uint32_t number = 0; number < 6; ++number) sessions.open(number);
    sessions.table.erase(sessions.table.find(original_of(2))->session);

    std::vector<std::uint32_t> visited;
    sessions.table.for_each([&](SessionIndex index, const Session& session) {
        visited.push_back(session.original_key.source.number() & 0xff);
        if (visited.back() % 2 == 1) sessions.table.erase(index);
    });
    EXPECT_THAT(visited, ElementsAre(0, 1, 3, 4, 5));
    visited.clear();
    const SessionTable& table = sessions.table;
    table.for_each([&](SessionIndex, const Session& session) { visited.push_back(session.original_key.source.number() & 0xff); });
    EXPECT_THAT(visited, ElementsAre(0, 4));
}

// ---- Time ---------------------------------------------------------------------------------------------------------------------

TEST(SessionTable, ASilentSessionEnds) {
    Sessions sessions;
    sessions.open(1);
    EXPECT_THAT(sessions.expire(kStart + minutes{5} - milliseconds{1}), IsEmpty());
    EXPECT_THAT(sessions.expire(kStart + minutes{5} + Tick::kLength), ElementsAre(1));
    EXPECT_EQ(sessions.table.size(), 0u);
    EXPECT_FALSE(sessions.table.contains(original_of(1)));
    EXPECT_FALSE(sessions.table.contains(reply_of(1)));
}

// A session that was opened, or spoke, in the middle of a tick has its whole idle time still before it.
TEST(SessionTable, NoSessionEndsEarly) {
    for (int offset = 0; offset < 125; offset += 31) {
        Sessions sessions;
        const Timestamp opened = kStart + milliseconds{offset};
        sessions.open(1, opened);
        EXPECT_THAT(sessions.expire(opened + minutes{5} - milliseconds{1}), IsEmpty()) << offset << " ms into the tick";
    }
}

TEST(SessionTable, ASessionThatSpokeIsPutBackWithoutBeingTold) {
    Sessions sessions;
    const auto index = sessions.open(1);
    sessions.table[*index].last_seen = Tick::at(kStart + minutes{4});
    EXPECT_THAT(sessions.expire(kStart + minutes{8}), IsEmpty());
    EXPECT_THAT(sessions.expire(kStart + minutes{9} + Tick::kLength), ElementsAre(1));
}

// The wheel holds 17 minutes; two hours and four minutes take seven rounds.
TEST(SessionTable, ALongIdleTimeOutlastsTheWheel) {
    Sessions sessions;
    sessions.open(1, kStart, SessionState::established);
    Timestamp now = kStart;
    for (const Timestamp end = kStart + minutes{124}; now < end; now += seconds{10}) ASSERT_THAT(sessions.expire(now), IsEmpty());
    EXPECT_THAT(sessions.expire(kStart + minutes{124} + Tick::kLength), ElementsAre(1));
}

TEST(SessionTable, AShorterIdleTimeIsNoticedWhenTheSessionIsRearmed) {
    Sessions sessions;
    const auto index = sessions.open(1, kStart, SessionState::established);
    sessions.table[*index].last_seen = Tick::at(kStart + seconds{30});
    sessions.table[*index].state = SessionState::reset;
    sessions.table.rearm(*index, sessions.timeouts.idle(SessionState::reset));
    EXPECT_THAT(sessions.expire(kStart + minutes{4} + seconds{29}), IsEmpty());
    EXPECT_THAT(sessions.expire(kStart + minutes{4} + seconds{31}), ElementsAre(1));
}

TEST(SessionTable, OneThatHasBeenErasedDoesNotEndAgain) {
    Sessions sessions;
    sessions.open(1);
    sessions.table.erase(*sessions.open(2));
    EXPECT_THAT(sessions.expire(kStart + minutes{6}), ElementsAre(1));
    EXPECT_THAT(sessions.expire(kStart + minutes{30}), IsEmpty());
}

TEST(SessionTable, NoMoreThanTheLimitAreLookedAtAtOnce) {
    Sessions sessions;
    for (std::uint32_t number = 0; number < 10; ++number) sessions.open(number);
    EXPECT_EQ(sessions.expire(kStart + minutes{6}, 4).size(), 4u);
    EXPECT_EQ(sessions.expire(kStart + minutes{6}, 4).size(), 4u);
    EXPECT_EQ(sessions.expire(kStart + minutes{6}, 4).size(), 2u);
    EXPECT_EQ(sessions.table.size(), 0u);
}

TEST(SessionTable, TimeMayPassBeforeTheFirstSession) {
    Sessions sessions;
    EXPECT_THAT(sessions.expire(kStart), IsEmpty());
    sessions.open(1, kStart + minutes{60});
    EXPECT_THAT(sessions.expire(kStart + minutes{64}), IsEmpty());
    EXPECT_THAT(sessions.expire(kStart + minutes{66}), ElementsAre(1));
}

// ---- Against a map ------------------------------------------------------------------------------------------------------------

RC_GTEST_PROP(SessionTable, HoldsWhatAMapHolds, ()) {
    constexpr std::uint32_t kHosts = 40;
    const auto capacity = *rc::gen::inRange<std::size_t>(1, 32);
    Sessions sessions{capacity};
    struct Expected {
        SessionIndex index;
        Tick last_seen;
    };
    std::map<std::uint32_t, Expected> model;
    Timestamp now = kStart;

    for (int step = 0; step < 200; ++step) {
        const auto host = *rc::gen::inRange(0u, kHosts);
        const auto known = model.find(host);
        switch (*rc::gen::inRange(0, 5)) {
            case 0:
            case 1:
                if (known != model.end()) {
                    sessions.table[known->second.index].last_seen = known->second.last_seen = Tick::at(now);
                } else {
                    const auto index = sessions.open(host, now);
                    RC_ASSERT(index.has_value() == (model.size() < capacity));
                    if (index) model[host] = {*index, Tick::at(now)};
                }
                break;
            case 2:
                if (known == model.end()) break;
                sessions.table.erase(known->second.index);
                model.erase(known);
                break;
            default: {
                now += *rc::gen::element<Duration>(milliseconds{1}, milliseconds{125}, seconds{40}, seconds{150});
                // A tick more or less: when within a tick a session spoke, its record does not say.
                const auto ended = sessions.expire(now);
                for (const std::uint32_t each : ended) {
                    RC_ASSERT(model.at(each).last_seen.count() + Tick::ticks_in(minutes{5}) <= Tick::at(now).count());
                    model.erase(each);
                }
                for (const auto& [each, session] : model)
                    RC_ASSERT(session.last_seen.count() + Tick::ticks_in(minutes{5}) + 1 >= Tick::at(now).count());
            }
        }
        RC_ASSERT(sessions.table.size() == model.size());
    }
    for (std::uint32_t host = 0; host < kHosts; ++host) {
        const auto there = sessions.table.find(original_of(host)), back = sessions.table.find(reply_of(host));
        const auto known = model.find(host);
        RC_ASSERT(there.has_value() == (known != model.end()));
        RC_ASSERT(back.has_value() == (known != model.end()));
        if (there) RC_ASSERT(there->session == known->second.index && there->direction == Direction::original);
        if (back) RC_ASSERT(back->session == known->second.index && back->direction == Direction::reply);
    }
}

}  // namespace
}  // namespace hairpin::gateway
