#include "gateway/sessions/tcp_state.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/gateway/tcp_flags.h"

namespace hairpin::gateway {
namespace {

using enum Direction;
constexpr auto opening = SessionState::opening, established = SessionState::established, closing = SessionState::closing,
               closed = SessionState::closed, reset = SessionState::reset;

TcpHeader segment(unsigned flags) {
    TcpHeader header;
    header.flags = static_cast<std::uint8_t>(flags);
    return header;
}

// ---- What may begin -----------------------------------------------------------------------------------------------------------

TEST(OpensConnection, ASynThatIsNothingElse) {
    for (unsigned flags = 0; flags < 256; ++flags) {
        const bool only_syn = (flags & kSyn) != 0 && (flags & (kAck | kRst | kFin)) == 0;
        EXPECT_EQ(opens_connection(segment(flags)), only_syn) << std::hex << flags;  // whatever PSH, URG, ECE, CWR say
    }
}

// ---- Conversations, segment by segment ----------------------------------------------------------------------------------------

struct SeenSegment {
    Direction direction;
    unsigned flags;
    SessionState after;
};
struct Conversation {
    const char* name;
    std::vector<SeenSegment> segments;
};
void PrintTo(const Conversation& conversation, std::ostream* out) { *out << conversation.name; }

const std::vector<SeenSegment> kHandshake{
    {original, kSyn, opening}, {reply, kSyn | kAck, opening}, {original, kAck, established}};

Conversation after_handshake(const char* name, std::vector<SeenSegment> segments) {
    segments.insert(segments.begin(), kHandshake.begin(), kHandshake.end());
    return {name, std::move(segments)};
}

class TcpConversation : public ::testing::TestWithParam<Conversation> {};

TEST_P(TcpConversation, GoesFromStateToState) {
    TcpTrack progress{};
    SessionState state = opening;
    unsigned number = 0;
    for (const auto& [direction, flags, after] : GetParam().segments) {
        state = advance(progress, state, direction, segment(flags));
        EXPECT_EQ(row_of(state).name, row_of(after).name) << "after segment " << ++number;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc5382Req2_Opening, TcpConversation,
    ::testing::Values(
        Conversation{"ThreeSegmentsMakeAHandshake", kHandshake},
        Conversation{"DataMayComeWithTheThird",
                     {{original, kSyn, opening}, {reply, kSyn | kAck, opening}, {original, kAck | kPsh, established}}},
        Conversation{"RepeatedSynsOpenNothing",
                     {{original, kSyn, opening}, {original, kSyn, opening}, {original, kSyn, opening}}},
        Conversation{"AnAckToAnUnansweredSynOpensNothing", {{original, kSyn, opening}, {original, kAck, opening}}},
        Conversation{"AnAckWithoutSynFromTheServerOpensNothing",
                     {{original, kSyn, opening}, {reply, kAck, opening}, {original, kAck, opening}}},
        Conversation{"ARepeatedSynAckOpensNothing",
                     {{original, kSyn, opening}, {reply, kSyn | kAck, opening}, {reply, kSyn | kAck, opening}}},
        Conversation{"BothOpenAtOnce",
                     {{original, kSyn, opening},
                      {reply, kSyn, opening},
                      {original, kSyn | kAck, opening},
                      {reply, kSyn | kAck, opening},
                      {original, kAck, established}}},
        // The client's ACK was lost on the way to us; the server's data shows that the connection is up all the same.
        Conversation{"TheServersDataShowsIt",
                     {{original, kSyn, opening}, {reply, kSyn | kAck, opening}, {reply, kAck | kPsh, established}}}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rfc5382Req2_Closing, TcpConversation,
    ::testing::Values(after_handshake("OneSideThenTheOther", {{original, kFin | kAck, closing},
                                                              {reply, kAck, closing},
                                                              {reply, kFin | kAck, closing},
                                                              {original, kAck, closed}}),
                      after_handshake("TheServerFirst",
                                      {{reply, kFin | kAck, closing}, {original, kFin | kAck, closing}, {reply, kAck, closed}}),
                      after_handshake("BothAtOnce", {{original, kFin | kAck, closing},
                                                     {reply, kFin, closing},  // sent before the other's FIN had arrived
                                                     {reply, kAck, closing},
                                                     {original, kAck, closed}}),
                      after_handshake("HalfClosedDataStillFlows", {{original, kFin | kAck, closing},
                                                                   {reply, kAck | kPsh, closing},
                                                                   {original, kAck, closing},
                                                                   {reply, kAck | kPsh, closing}}),
                      after_handshake("ARepeatedFinIsNotTheOthers", {{original, kFin | kAck, closing},
                                                                     {original, kFin | kAck, closing},
                                                                     {original, kAck, closing}}),
                      after_handshake("AnAckOfItsOwnFinIsNobodys", {{original, kFin | kAck, closing}, {original, kAck, closing}}),
                      after_handshake("ClosedStaysClosed", {{original, kFin | kAck, closing},
                                                            {reply, kFin | kAck, closing},
                                                            {original, kAck, closed},
                                                            {reply, kFin | kAck, closed},
                                                            {original, kAck, closed},
                                                            {reply, kAck | kPsh, closed}}),
                      Conversation{"AFinBeforeTheConnectionIsUp",
                                   {{original, kSyn, opening}, {reply, kSyn | kAck, opening}, {original, kFin | kAck, closing}}}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rfc7857Section2_2FourMinutes, TcpConversation,
    ::testing::Values(
        Conversation{"ASynIsRefused", {{original, kSyn, opening}, {reply, kRst | kAck, reset}}},
        after_handshake("AnEstablishedConnectionIsReset", {{original, kRst, reset}}),
        after_handshake("AClosingOneIsReset", {{original, kFin | kAck, closing}, {reply, kRst | kAck, reset}}),
        after_handshake(
            "AClosedOneIsReset",
            {{original, kFin | kAck, closing}, {reply, kFin | kAck, closing}, {original, kAck, closed}, {original, kRst, reset}}),
        after_handshake("AnotherResetChangesNothing",
                        {{original, kRst, reset}, {original, kRst, reset}, {reply, kRst | kAck, reset}}),
        after_handshake("DataRevivesIt", {{original, kRst, reset}, {reply, kAck | kPsh, established}}),
        after_handshake("TheOtherSidesDataToo", {{reply, kRst, reset}, {original, kAck | kPsh, established}}),
        Conversation{"WhatWasNeverUpIsNotRevived",
                     {{original, kSyn, opening}, {original, kRst, reset}, {original, kAck | kPsh, reset}, {reply, kAck, reset}}},
        // A reset that also says FIN is a reset.
        after_handshake("WhateverElseASegmentSays", {{original, kRst | kFin | kSyn | kAck, reset}})),
    [](const auto& test) { return test.param.name; });

// ---- Whatever comes -----------------------------------------------------------------------------------------------------------

struct AnySegment {
    Direction direction;
    unsigned flags;
};
std::vector<AnySegment> any_segments() {
    return *rc::gen::container<std::vector<AnySegment>>(rc::gen::map(rc::gen::inRange(0u, 512u), [](unsigned bits) {
        return AnySegment{static_cast<Direction>(bits >> 8), bits & 0xff};
    }));
}

RC_GTEST_PROP(TcpState, IsAlwaysOneOfTcpsOwnAndResetExactlyAfterAReset, ()) {
    TcpTrack progress{};
    SessionState state = opening;
    for (const auto& [direction, flags] : any_segments()) {
        const bool stays = state == reset && progress.was_up == 0;
        state = advance(progress, state, direction, segment(flags));
        RC_ASSERT(state <= reset);
        RC_ASSERT((state == reset) == (stays || (flags & kRst) != 0));
    }
}

// RFC 5382 REQ-5: one side alone, whatever it sends, must not get the long time of an established connection.
RC_GTEST_PROP(TcpState, OneSideAloneNeverEstablishes, (bool which)) {
    TcpTrack progress{};
    SessionState state = opening;
    for (const auto& [ignored, flags] : any_segments()) {
        state = advance(progress, state, static_cast<Direction>(which), segment(flags));
        RC_ASSERT(state != established);
        RC_ASSERT(state != closed);
    }
}

RC_GTEST_PROP(TcpState, IsTheSameWithTheSidesExchanged, ()) {
    TcpTrack one{}, other{};
    SessionState state = opening, mirrored = opening;
    for (const auto& [direction, flags] : any_segments()) {
        state = advance(one, state, direction, segment(flags));
        mirrored = advance(other, mirrored, opposite(direction), segment(flags));
        RC_ASSERT(state == mirrored);
    }
}

// ---- Timeouts -----------------------------------------------------------------------------------------------------------------

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Rfc5382, Req5_TheDefaultsAreLongEnough) {
    EXPECT_GE(Timeouts{}.idle(established), minutes{124});
    EXPECT_GE(Timeouts{}.idle(opening), minutes{4});
    EXPECT_GE(Timeouts{}.idle(closing), minutes{4});
}
TEST(Rfc4787, Req5c_TheDefaultIsTheRecommendedOne) { EXPECT_EQ(Timeouts{}.idle(SessionState::udp), minutes{5}); }
TEST(Rfc5508, Req2_TheDefaultIsLongEnough) { EXPECT_GE(Timeouts{}.idle(SessionState::icmp), seconds{60}); }
TEST(Rfc7857, Section2_2FourMinutes_TheDefaultAfterAResetIsFourMinutes) { EXPECT_EQ(Timeouts{}.idle(reset), minutes{4}); }

TEST(Timeouts, StartAsTheTableSays) {
    for (const TimeoutRow& row : kTimeoutRows) EXPECT_EQ(Timeouts{}.idle(row.state), row.idle) << row.name;
}

TEST(Timeouts, ASettingChangesItsOwnRowAlone) {
    for (const TimeoutRow& changed : kTimeoutRows) {
        Timeouts timeouts;
        timeouts.set(changed.state, seconds{17});
        for (const TimeoutRow& row : kTimeoutRows)
            EXPECT_EQ(timeouts.idle(row.state), row.state == changed.state ? seconds{17} : row.idle)
                << row.name << " when " << changed.name << " is set";
    }
}

TEST(Timeouts, EveryRowHasItsOwnNameAndSetting) {
    std::set<std::string_view> names, settings;
    for (const TimeoutRow& row : kTimeoutRows) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(settings.insert(row.setting).second) << row.setting;
        EXPECT_FALSE(row.source.empty()) << row.name;
        EXPECT_EQ(&row_of(row.state), &row);
    }
}

}  // namespace
}  // namespace hairpin::gateway
